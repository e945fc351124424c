package import Foundation
import Synchronization

/// The counts of downloads that are not yet in the database, in a file that outlives the process.
///
/// ```
/// DEPLOYMENT/downloads.journal, in 64-bit words of this machine's order
///    0      "quetzdlj"                     8      slots that were ever used
///    1      the version of this form       9, 10  generations of `written` 0 and 1; -1 while it is written
///    2      slots there are
///    3, 4   the journal's name             512…   the slots, four words each (`DownloadSlot`)
///    5, 6   the boot it was made in
///    7      checksum of the words before
/// ```
/// Counts go into the database generation by generation:
/// ```
/// take(2)     slots:  count 17, written[0] = 17, written[1] = 12 (of generation 1)
/// commit      rows:   + 5, and in the same transaction the mark (this journal, 2)
/// take(3)     slots:  count 20, written[1] = 20 …
/// ```
/// Whatever moment the process is killed at: the mark says which generation is in the rows, its `written` is whole (only
/// the generation after next writes over it), and what is missing is `count - written`. See decision 0075.
package final class DownloadJournal: Sendable {
  static let magic = Int(littleEndian: "quetzdlj".utf8.reversed().reduce(0) { $0 << 8 | Int($1) })
  static let version = 1
  static let headerWords = 512
  /// Of the words before it, see `checksum`.
  static let checksumWord = 7
  static let usedWord = 8
  static let generationWord = 9
  /// For 2 MiB. More artifacts than anybody downloads within seconds, with those that the fast path holds.
  package static let defaultCapacity = 65_536

  package let name: UUID
  package let capacity: Int
  private let words: MappedWords

  /// A journal without a file, whose counts end with the process.
  ///
  /// - Returns: `nil` if there is not so much memory.
  package convenience init?(capacity: Int = defaultCapacity) {
    guard let words = MappedWords(count: Self.words(capacity)) else { return nil }
    self.init(words, capacity: capacity, boot: nil)
  }

  /// A journal in a new file, in place of what lies there.
  package convenience init(
    at path: String, boot: UUID?, capacity: Int = defaultCapacity
  ) throws(DownloadJournalDefect) {
    try self.init(MappedWords(count: Self.words(capacity), at: path), capacity: capacity, boot: boot)
  }

  private init(_ words: MappedWords, capacity: Int, boot: UUID?) {
    let name = UUID()
    self.words = words
    self.capacity = capacity
    self.name = name
    let header = [Self.magic, Self.version, capacity] + Self.words(of: name) + Self.words(of: boot)
    for (word, value) in (header + [Self.checksum(header), 0, 0, -1]).enumerated() {
      words.pointer[word].store(value, ordering: .relaxed)
    }
  }

  // MARK: - Slots

  /// Slots that were ever used.
  var used: Int { words.pointer[Self.usedWord].load(ordering: .acquiring) }

  func slot(_ number: Int) -> DownloadSlot {
    DownloadSlot(at: words.pointer + Self.headerWords + number * DownloadSlot.words)
  }

  /// The number of a slot that was never used; `nil` if there is none. One thread at a time.
  func nextSlot() -> Int? {
    let number = used
    guard number < capacity else { return nil }
    words.pointer[Self.usedWord].store(number + 1, ordering: .releasing)
    return number
  }

  // MARK: - Generations

  /// Takes what was counted since the generation before, which must be in the database. One thread at a time.
  ///
  /// - Parameter others: Slots that are not of this journal.
  /// - Returns: Counts by artifact.
  func take(_ generation: Int, with others: [DownloadSlot] = []) -> [Int64: Int] {
    let mark = Self.generationWord + (generation & 1)
    words.pointer[mark].store(-1, ordering: .releasing)
    var counts: [Int64: Int] = [:]
    for number in 0..<used { Self.take(generation, slot(number), &counts) }
    for slot in others { Self.take(generation, slot, &counts) }
    words.pointer[mark].store(generation, ordering: .releasing)
    return counts
  }

  private static func take(_ generation: Int, _ slot: DownloadSlot, _ counts: inout [Int64: Int]) {
    let count = slot.take(in: generation)
    if count > 0 { counts[slot.artifact, default: 0] += count }
  }

  // MARK: - Form

  static func words(_ capacity: Int) -> Int { headerWords + capacity * DownloadSlot.words }

  /// FNV-1a, word by word.
  static func checksum(_ words: [Int]) -> Int {
    words.reduce(Int(bitPattern: 0xcbf2_9ce4_8422_2325)) { ($0 ^ $1) &* 0x100_0000_01b3 }
  }

  static func words(of uuid: UUID?) -> [Int] {
    guard let uuid else { return [0, 0] }
    return withUnsafeBytes(of: uuid.uuid) { bytes in
      [0, 8].map { bytes.loadUnaligned(fromByteOffset: $0, as: Int.self) }
    }
  }
}
