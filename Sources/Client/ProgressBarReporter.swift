import CurlHTTP
import Locks

/// A line for every finished file and, below them, one that moves: for terminals.
///
/// ```
/// uploaded pkg-1.0-0.conda (12.3 kB) to channel0
/// [###########-------------------] 37%  44.1 of 119.2 MB  3 of 12 files
/// ```
public final class ProgressBarReporter: UploadReporter {
  private struct State: Sendable {
    var sent: [UploadFile: Int64] = [:]
    var finished = 0
    var lastDrawn: ContinuousClock.Instant?
  }

  private let fileCount: Int
  private let totalBytes: Int64
  private let lines: LineReporter
  private let draw: @Sendable (String) -> Void
  private let state = Guarded(State())

  private static let width = 30
  private static let redrawInterval = Duration.milliseconds(100)
  private static let clearLine = "\r\u{1B}[K"

  /// - Parameters:
  ///   - files: All that will be uploaded.
  ///   - lines: Gets what is to stay on the screen.
  ///   - draw: Writes to the terminal as is.
  public init(files: [UploadFile], lines: LineReporter, draw: @escaping @Sendable (String) -> Void) {
    fileCount = files.count
    totalBytes = files.reduce(0) { $0 + $1.size }
    self.lines = lines
    self.draw = draw
  }

  /// Yes.
  public var wantsProgress: Bool { true }

  /// Shows the bar.
  public func started(_ file: UploadFile) { redraw(evenIfRecent: true) { state in state.sent[file] = 0 } }

  /// Moves the bar, ten times a second at most.
  public func sent(_ bytes: Int64, of file: UploadFile) {
    redraw(evenIfRecent: bytes == file.size) { state in state.sent[file] = bytes }
  }

  /// Writes the file's line above the bar.
  public func finished(_ file: UploadFile, channel: String, _ outcome: UploadSession.Outcome) {
    state.withLock { state in
      state.sent[file] = file.size
      state.finished += 1
      draw(Self.clearLine)
      lines.finished(file, channel: channel, outcome)
      if state.finished < fileCount { draw(bar(state)) }
    }
  }

  private func redraw(evenIfRecent: Bool, _ change: (inout State) -> Void) {
    let now = ContinuousClock.now
    state.withLock { state in
      change(&state)
      if !evenIfRecent, let last = state.lastDrawn, last.duration(to: now) < Self.redrawInterval { return }
      state.lastDrawn = now
      draw(Self.clearLine + bar(state))
    }
  }

  private func bar(_ state: State) -> String {
    let sent = state.sent.values.reduce(0, +)
    let share = totalBytes > 0 ? min(1, Double(sent) / Double(totalBytes)) : 1
    let filled = Int(share * Double(Self.width))
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Self.width - filled)
    return
      "[\(bar)] \(Int(share * 100))%  \(ByteCount(sent)) of \(ByteCount(totalBytes))  "
      + "\(state.finished) of \(fileCount) files"
  }
}
