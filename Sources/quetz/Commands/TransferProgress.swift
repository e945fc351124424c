import Foundation
import Locks
import Server

/// Shows how far a transfer is: a bar that moves on a terminal, a line every ten seconds elsewhere.
///
/// ```
/// [###########-------------------]  37%  740 of 2000  1.2 of 3.2 GB
/// ```
final class TransferProgress: Sendable {
  private static let width = 30

  private let count: Int
  private let bytes: Int64
  private let isWatched: Bool
  private let write: @Sendable (String) -> Void
  private let lastShown: Guarded<ContinuousClock.Instant>

  /// - Parameters:
  ///   - count: How many packages there are, and how many bytes they have together.
  ///   - isWatched: Whether a person looks at a terminal.
  ///   - write: Writes text as it is.
  init(count: Int, bytes: Int64, isWatched: Bool, write: @escaping @Sendable (String) -> Void) {
    self.count = count
    self.bytes = bytes
    self.isWatched = isWatched
    self.write = write
    lastShown = Guarded(.now)
  }

  /// Shows the state, unless that was done a moment ago.
  func show(_ progress: BlobTransfer.Progress) {
    let interval: Duration = isWatched ? .milliseconds(100) : .seconds(10)
    let isDue = lastShown.withLock { last in
      guard last.duration(to: .now) >= interval else { return false }
      last = .now
      return true
    }
    guard isDue else { return }
    write(isWatched ? "\r" + bar(progress) : line(progress) + "\n")
  }

  /// The last word.
  func finish(_ progress: BlobTransfer.Progress) {
    if isWatched { write("\r" + bar(progress) + "\n") }
    write(
      "\(progress.copied) copied (\(Self.size(progress.copiedBytes))), \(progress.present) there already, "
        + "\(progress.failures.count) failed\n")
  }

  private func bar(_ progress: BlobTransfer.Progress) -> String {
    let share = bytes == 0 ? 1 : Double(progress.doneBytes) / Double(bytes)
    let filled = Int(share * Double(Self.width))
    let percent = String(Int(share * 100))
    return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: Self.width - filled)
      + "]" + String(repeating: " ", count: max(0, 4 - percent.count)) + percent + "%  " + line(progress)
  }

  private func line(_ progress: BlobTransfer.Progress) -> String {
    "\(progress.done) of \(count) packages, \(Self.size(progress.doneBytes)) of \(Self.size(bytes))"
  }

  private static func size(_ bytes: Int64) -> String {
    for (unit, factor) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where Double(bytes) >= factor {
      return "\((Double(bytes) / factor * 10).rounded() / 10) \(unit)"
    }
    return "\(bytes) B"
  }
}
