import Foundation
import Testing

@testable import CondaTypes

/// The order of versions as a whole: against a list of real versions and against conda's rules written down plainly.
@Suite struct VersionOrderTests {
  /// Real versions in conda's order: `< v` sorts after the line before, `= v` is equal to it (see Data/NOTICE.md).
  static func realVersions() throws -> [(isEqual: Bool, version: Version)] {
    let list = try #require(
      Bundle.module.url(forResource: "version-order", withExtension: "txt", subdirectory: "Data"))
    return try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map {
      (isEqual: $0.hasPrefix("="), version: try Version(parsing: String($0.dropFirst(2))))
    }
  }

  @Test func sortsRealVersionsAsCondaDoes() throws {
    let versions = try Self.realVersions()
    #expect(versions.count == 28_530)
    for (before, here) in zip(versions, versions.dropFirst()) {
      let isRight = here.isEqual ? before.version == here.version : before.version < here.version
      #expect(isRight, "\(before.version) and \(here.version)")
    }
  }

  /// The key is what SQL sorts by.
  @Test func theSortKeysOfRealVersionsAreInOrder() throws {
    let versions = try Self.realVersions()
    for (before, here) in zip(versions, versions.dropFirst()) {
      let (left, right) = (before.version.sortKey, here.version.sortKey)
      #expect(here.isEqual ? left == right : left.lexicographicallyPrecedes(right))
    }
  }

  @Test func shufflingRealVersionsAndSortingGivesTheSameOrder() throws {
    var generator = SeededGenerator(seed: 7)
    let sorted = try Self.realVersions().map(\.version)
    #expect(sorted.shuffled(using: &generator).sorted() == sorted)
  }

  /// The sort key must say what a comparison part by part and piece by piece, filled up with zeros, says.
  @Test func theSortKeyAgreesWithComparingPieces() throws {
    var generator = SeededGenerator(seed: 1)
    let versions = (0..<600).compactMap { _ in try? Sample(parsing: Self.randomText(using: &generator)) }
    #expect(versions.count > 200)
    for one in versions {
      for other in versions where Sample.compare(one, other) != Sample.compareKeys(one, other) {
        Issue.record("\(one.text) and \(other.text)")
      }
    }
  }

  private static func randomText(using generator: inout SeededGenerator) -> String {
    let pieces = [
      "0", "0", "1", "00", "10", "a", "b", "dev", "post", "rc", "*", ".", ".", "_", ".0", ".0.", "+", "!",
    ]
    let count = Int.random(in: 1...7, using: &generator)
    return (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }

  /// A version parsed, with the plain comparison.
  private struct Sample {
    let text: String
    let sides: [[VersionParser.Part]]
    let key: [UInt8]

    init(parsing text: String) throws {
      var parser = VersionParser(text: text)
      let parsed = try parser.parse()
      self.text = text
      sides = [parsed.version, parsed.local]
      key = VersionSortKey.make(version: parsed.version, local: parsed.local)
    }

    static func compareKeys(_ one: Sample, _ other: Sample) -> Int {
      one.key == other.key ? 0 : one.key.lexicographicallyPrecedes(other.key) ? -1 : 1
    }

    static func compare(_ one: Sample, _ other: Sample) -> Int {
      for (left, right) in zip(one.sides, other.sides) {
        for index in 0..<max(left.count, right.count) {
          let (a, b) = (index < left.count ? left[index] : [], index < right.count ? right[index] : [])
          for position in 0..<max(a.count, b.count) {
            let (c, d) = (
              position < a.count ? a[position] : .number([]), position < b.count ? b[position] : .number([])
            )
            if c != d { return isLess(c, d) ? -1 : 1 }
          }
        }
      }
      return 0
    }

    private static func isLess(_ one: VersionParser.Piece, _ other: VersionParser.Piece) -> Bool {
      switch (one, other) {
      case (.word(let a), .word(let b)): a.lexicographicallyPrecedes(b)
      case (.word, _): true
      case (_, .word): false
      case (.post, _): false
      case (_, .post): true
      case (.number(let a), .number(let b)):
        (a.count, String(decoding: a, as: UTF8.self)) < (b.count, String(decoding: b, as: UTF8.self))
      }
    }
  }
}

/// A generator of the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
