import CondaTypes
import Testing

@Suite struct VersionSpecTests {
  /// Spec, versions it wants, versions it does not want; from CEP 29 and conda's documentation.
  static let cases: [(String, [String], [String])] = [
    ("1.2", ["1.2", "1.2.0", "1.2.0.0"], ["1.2.1", "1.2rc1", "1.20"]),
    ("==1.2", ["1.2", "01.2.0"], ["1.2.1"]),
    ("=1.2", ["1.2", "1.2.9", "1.2rc1", "1.2+ab"], ["1.20", "1.3", "1!1.2"]),
    ("1.2.*", ["1.2", "1.2.9", "1.2a"], ["1.20", "1.1"]),
    ("1.2*", ["1.2", "1.2.9"], ["1.20"]),
    ("==1.2.*", ["1.2", "1.2.3"], ["1.3"]),
    ("1.0.0.*", ["1", "1.0", "1.0.0.5"], ["1.0.1"]),
    ("1!2.*", ["1!2.1"], ["2.1"]),
    ("1.2+ab.*", ["1.2+ab", "1.2+ab.3", "1.2.0+ab"], ["1.2", "1.2.1+ab", "1.2+abc"]),
    ("!=1.2", ["1.2.1", "1.3"], ["1.2", "1.2.0"]),
    ("!=1.2.*", ["1.3"], ["1.2", "1.2.1"]),
    (">1.2", ["1.2.0.1", "1.3", "1.2post1"], ["1.2", "1.2.0", "1.2rc1"]),
    (">=1.2", ["1.2", "1.2.0"], ["1.2dev"]),
    ("<1.2", ["1.2rc1", "1.1"], ["1.2"]),
    ("<=1.2", ["1.2", "1.2.0", "1"], ["1.2.0.1"]),
    (">=1.2.*", ["1.2", "1.3"], ["1.1"]), (">1.2.*", ["1.2.1"], ["1.2"]),
    ("~=0.5.3", ["0.5.3", "0.5.9"], ["0.5.2", "0.6"]),
    ("~=1", ["1", "7"], ["0.9", "1!2"]),
    ("*", ["1", "dev"], []), ("=*", ["1"], []), (">=*", ["1"], []),
    ("1.*.3", ["1.2.3", "1.x.3"], ["1.3", "1.2.3.4"]),
    ("!=1.*.3", ["1.3"], ["1.2.3"]),
    ("*rc*", ["1.0rc1"], ["1.0"]),
    ("^1\\.(2|3)$", ["1.2", "1.3"], ["1.4", "1.2.0"]),
    ("^1.*$|2", ["1.7", "2.0"], ["3"]),
    (">=1.2,<2", ["1.2", "1.9"], ["2", "1.1"]),
    ("1.2|1.4,>5", ["1.2"], ["1.4", "6"]),
    ("(1.2|1.4),<1.3", ["1.2"], ["1.4"]),
    (">=1.0 , < 2.0 | 3", ["1.5", "3"], ["2"]),
    ("((1.2))", ["1.2"], ["1"]),
    ("1.0RC1", ["1.0rc1"], ["1.0"]),
    ("1-2", ["1_2", "1.2"], ["1"]),
  ]

  @Test(arguments: cases) func wantsWhatCondaWants(spec: String, wanted: [String], unwanted: [String]) throws
  {
    let spec = try VersionSpec(parsing: spec)
    for version in wanted { #expect(spec.matches(version), "\(spec) wants \(version)") }
    for version in unwanted { #expect(!spec.matches(version), "\(spec) does not want \(version)") }
    #expect(try wanted.allSatisfy { spec.matches(try Version(parsing: $0)) })
  }

  @Test(arguments: [
    "", " ", ",", "|", "1,", ",1", "1||2", "()", "(1", "1)", "(1,2", ">", ">=", "=>1", "=!1", "<>1", "===1",
    "!1",
    "~1", "!=*", "<*", ">*", "~=1.*.2", ">1.*.2", "1 2", "1..2", "1.2@x", "1/2", "^1", "1$", "^(1$",
    "^1(?=2)$",
    "^(a)\\1$", "^a**$", "^[a$", "^a{9999}$", "1\u{0}", "１", "[1]", "1;2", "'1'",
  ])
  func refusesWhatIsNoSpec(text: String) {
    #expect(throws: ParseError.self) { try VersionSpec(parsing: text) }
  }

  @Test func aVersionThatCannotBeOrderedIsFoundByItsTextAlone() throws {
    #expect(try VersionSpec(parsing: "*").matches("1..2"))
    #expect(try VersionSpec(parsing: "1.*.2").matches("1..2"))
    #expect(try !VersionSpec(parsing: ">=0").matches("1..2"))
    #expect(try !VersionSpec(parsing: "!=3").matches("1..2"))
  }

  @Test func namesTheClauseThatIsWrong() {
    let error = #expect(throws: ParseError.self) { try VersionSpec(parsing: ">=1,=>2") }
    #expect(error?.description.contains("'=>'") == true)
  }

  /// Each of these takes an engine that backtracks longer than a human life.
  @Test(arguments: [
    "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*)*.*.*.*x$", "^((a{0,30}){0,30})$",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
  ])
  func hostileExpressionsTakeLittleTime(pattern: String) throws {
    let text = String(repeating: "a", count: 1000) + "!"
    let clock = ContinuousClock()
    let spent = clock.measure { _ = (try? VersionSpec(parsing: pattern))?.matches(text) }
    #expect(spent < .seconds(5))
  }

  @Test func hostileGlobsAndNestingTakeLittleTime() throws {
    let glob = String(repeating: "a*", count: 1000) + "b"
    let nested = String(repeating: "(", count: 4000)
    let clock = ContinuousClock()
    let spent = clock.measure {
      _ = (try? VersionSpec(parsing: glob))?.matches(String(repeating: "a", count: 4000))
      #expect(throws: ParseError.self) { try VersionSpec(parsing: nested) }
    }
    #expect(spent < .seconds(5))
    #expect(throws: ParseError.self) { try VersionSpec(parsing: String(repeating: "1,", count: 2100) + "1") }
  }
}
