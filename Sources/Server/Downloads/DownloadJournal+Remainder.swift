package import Foundation
package import Metadata

/// Why a journal that was found cannot be used, or a new one not be made.
package enum DownloadJournalDefect: Error, Hashable, Sendable, CustomStringConvertible {
  case notAFile
  case notAJournal
  case otherVersion(Int)
  case damaged(String)
  /// The machine was restarted: its pages may be of different moments.
  case otherBoot
  /// The database names another journal, or another state of it: one of the two was put back from a backup.
  case otherDatabase
  case system(String, Int32)

  package var description: String {
    switch self {
    case .notAFile: "it is not a file"
    case .notAJournal: "it is not a download journal"
    case .otherVersion(let version): "its form is version \(version), which this release does not know"
    case .damaged(let what): "it is damaged: \(what)"
    case .otherBoot: "the machine was restarted since"
    case .otherDatabase: "it does not belong to this state of the database"
    case .system(let call, let number): "\(call): \(String(cString: strerror(number)))"
    }
  }
}

extension DownloadJournal {
  /// No file of ours is longer.
  private static let longest = 64 << 20
  /// More than anybody downloads within seconds: such a number is damage.
  private static let most = 1 << 36

  /// What the journal of an earlier process has and the database has not.
  ///
  /// - Parameters:
  ///   - path: Where there may be a file, or anything.
  ///   - mark: The database's.
  /// - Returns: Counts by artifact; none if there is no file.
  package static func remainder(
    at path: String, after mark: DownloadMark?, boot: UUID?
  ) throws(DownloadJournalDefect) -> [Int64: Int] {
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return [:] }
    guard attributes[.type] as? FileAttributeType == .typeRegular else { throw .notAFile }
    guard let size = attributes[.size] as? Int, size <= longest else { throw .damaged("its length") }
    // Read, not mapped: a disk that cannot is an error then, not the end of the process.
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { throw .system("read", EIO) }
    return try remainder(in: data, after: mark, boot: boot)
  }

  static func remainder(
    in data: Data, after mark: DownloadMark?, boot: UUID?
  ) throws(DownloadJournalDefect) -> [Int64: Int] {
    let words = data.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Int.self) }
    }
    guard words.count >= headerWords, words[0] == magic else { throw .notAJournal }
    guard words[1] == version else { throw .otherVersion(words[1]) }
    guard words[checksumWord] == checksum(Array(words[..<checksumWord])) else { throw .damaged("its header") }
    let isOfThisBoot = Array(words[5...6]) == Self.words(of: boot)
    do throws(DownloadJournalDefect) {
      let counts = try slots(of: words, after: mark)
      // Whoever stopped in peace has left nothing: no word about that.
      guard isOfThisBoot || counts.isEmpty else { throw .otherBoot }
      return counts
    } catch {
      throw isOfThisBoot ? error : .otherBoot
    }
  }

  private static func slots(
    of words: [Int], after mark: DownloadMark?
  ) throws(DownloadJournalDefect) -> [Int64: Int] {
    let used = words[usedWord]
    guard (0...1 << 24).contains(words[2]), words.count == Self.words(words[2]) else {
      throw .damaged("its length")
    }
    guard (0...words[2]).contains(used) else { throw .damaged("\(used) slots of \(words[2]) are used") }
    if used == 0 { return [:] }
    guard let mark, Self.words(of: mark.journal) == Array(words[3...4]),
      words[generationWord + (mark.generation & 1)] == mark.generation
    else { throw .otherDatabase }
    var counts: [Int64: Int] = [:]
    for number in 0..<used {
      let slot = words[(headerWords + number * DownloadSlot.words)...].prefix(DownloadSlot.words)
      let (count, written) = (slot[slot.startIndex], slot[slot.startIndex + 1 + (mark.generation & 1)])
      let artifact = Int64(slot[slot.startIndex + 3])
      guard written >= 0, count >= written, count - written <= most, artifact > 0 else {
        throw .damaged("slot \(number)")
      }
      if count > written { counts[artifact, default: 0] += count - written }
    }
    return counts
  }
}
