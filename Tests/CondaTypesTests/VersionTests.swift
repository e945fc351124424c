import CondaTypes
import Foundation
import Testing

@Suite struct VersionTests {
  /// Pairs in order, from the rules and examples of CEP 33 and conda's `VersionOrder`.
  static let ascending: [(String, String)] = [
    ("0.4", "0.4.1.rc"), ("0.4.1.rc", "0.4.1"), ("0.4.1", "0.5a1"), ("0.5a1", "0.5b3"), ("0.5b3", "0.5C1"),
    ("0.5C1", "0.5"), ("0.5", "0.9.6"), ("0.9.6", "0.960923"), ("0.960923", "1.0"), ("1.0", "1.1dev1"),
    ("1.1dev1", "1.1_"), ("1.1_", "1.1a1"), ("1.1a1", "1.1.0dev1"), ("1.1.0dev1", "1.1.a1"),
    ("1.1.a1", "1.1.0rc1"),
    ("1.1.0rc1", "1.1.0"), ("1.1.0", "1.1.0post1"), ("1.1.0post1", "1.1post1"), ("1.1post1", "1996.07.12"),
    ("1996.07.12", "1!0.4.1"), ("1!0.4.1", "1!3.1.1.6"), ("1!3.1.1.6", "2!0.4.1"),
    ("1.0.1_", "1.0.1a"), ("1.0.1a", "1.0.1"), ("1.0.1a", "1.0.1b"), ("1.0.1", "1.0.1post.a"),
    ("1.0.1post.a", "1.0.1post.b"), ("1.0.1post.b", "1.0.2"), ("1.0.1post.a", "1.0.1post.z"),
    ("1.0.1post.z", "1.0.1post.za"), ("1.0.1post.za", "1.0.2"),
    ("1.0+a.1", "1.0"), ("1.0", "1.0+1"), ("1.0+a", "1.0+1"), ("1.0+1", "1.0+2"), ("1.0+2", "1.0+10"),
    ("1.0+9", "1.0.1"),
    ("1.0+0.dev", "1.0"), ("dev", "a"), ("a", "aa"), ("aa", "b"), ("z", "0"), ("0", "1"), ("9", "10"),
    ("1.9", "1.10"), ("2", "18446744073709551616"), ("18446744073709551616", "18446744073709551617"),
    ("1.*", "1.dev"), ("1.*", "1.**"), ("1.dev", "1.deva"), ("1.dev_a", "1.a"), ("1.0.0.a", "1.0.0.0.b"),
    ("1.0.0.a", "1.0"), ("1.0", "1.0.0.1"), ("1.0.0.1", "1.0.1.a"), ("1.a.5", "1.0.0.a"), ("1.0a", "1.00b"),
    ("1rc1", "1rc2"), ("1rc2", "1rc10"), ("1rc", "1rc1"), ("1rc1", "1"), ("1a0b", "1a"), ("1a", "1a1b"),
    ("1a", "1a0post"), ("2.0.dev0.1", "2.0.dev1"), ("0!1", "1!0"), ("1", "99999999999999999999!0"),
  ]

  static let equal: [(String, String)] = [
    ("0.4", "0.4.0"), ("1.0", "1"), ("1", "1.0.0.0.0"), ("0.4.1.rc", "0.4.1.RC"), ("1.1.0dev1", "1.1.dev1"),
    ("1.1.0post1", "1.1.post1"), ("1.1_2", "1.1.2"), ("1-2", "1.2"), ("0!1", "1"), ("01.002", "1.2"),
    (" 1.0\n", "1.0"),
    ("1.0+0", "1.0"), ("1.0+a", "1.0+A"), ("1.a", "1.0a"), ("1.0rc0", "1.0rc"), ("0.0", "0"), ("00!0", "0"),
  ]

  @Test(arguments: ascending) func sorts(smaller: String, greater: String) throws {
    #expect(try Version(parsing: smaller) < Version(parsing: greater))
    #expect(try !(Version(parsing: greater) < Version(parsing: smaller)))
    #expect(try Version(parsing: smaller) != Version(parsing: greater))
  }

  @Test(arguments: equal) func findsSpellingsOfOneVersionEqual(one: String, other: String) throws {
    let versions = try [Version(parsing: one), Version(parsing: other)]
    #expect(versions[0] == versions[1])
    #expect(!(versions[0] < versions[1]) && !(versions[1] < versions[0]))
    #expect(Set(versions).count == 1)
    #expect(versions.map(\.text) == [one, other])
  }

  @Test(arguments: [
    "", " ", ".", "1.", ".1", "1..2", "__1", "1!", "!1", "a!1", "1!2!3", "1+", "+1", "1+2+3", "1 2", "1/2",
    "1:2",
    "1-2_3", "1\u{0}", "１", "1.β", "..", "../1", "1+_", "1!_!", String(repeating: "1", count: 1001),
  ])
  func refusesWhatCondaCannotOrder(text: String) {
    #expect(throws: ParseError.self) { try Version(parsing: text) }
  }

  @Test func aTrailingUnderscoreBelongsToTheLastPart() throws {
    #expect(try Version(parsing: "_") < Version(parsing: "0"))
    #expect(try Version(parsing: "1_") == Version(parsing: "1-"))
    #expect(try Version(parsing: "1__") < Version(parsing: "1_1"))
  }

  @Test(arguments: [
    ("1.0", true), ("1!2.0+b_1", true), ("2024a", true), ("1.0A", false), ("1-0", false), ("", false),
    ("1*", false), ("1 ", false), ("1/..", false), ("1\u{0}", false),
    (String(repeating: "1", count: 65), false),
  ])
  func knowsWhatMayStandInAFileName(text: String, isValid: Bool) {
    #expect(Version.isValidInFileName(text) == isValid)
  }
}
