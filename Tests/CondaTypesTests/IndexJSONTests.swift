import CondaTypes
import Testing

@Suite struct IndexJSONTests {
  static let base =
    #"{"name":"a","version":"1.0","build":"0","build_number":0,"depends":[],"subdir":"noarch"}"#

  /// The smallest valid file with members set, or removed (`nil`).
  static func file(_ changes: [String: JSONValue?]) throws -> [UInt8] {
    var members = try #require(JSONValue(parsing: base.utf8).asObject)
    for (key, value) in changes { members[key] = value }
    return Array(JSONValue.object(members).canonicalText().utf8)
  }

  static func parse(_ changes: [String: JSONValue?]) throws -> IndexJSON {
    try IndexJSON.parse(file(changes)).get()
  }

  static func problems(_ bytes: [UInt8]) -> [MetadataProblem] {
    if case .failure(let failure) = IndexJSON.parse(bytes) { failure.problems } else { [] }
  }

  @Test func readsAWholeFile() throws {
    let index = try Self.parse([
      "depends": .array([.string("python >=3.12"), .string("b")]), "constrains": .array([.string("c <2")]),
      "noarch": .string("python"), "timestamp": .integer(1_700_000_000_123), "build_number": .integer(7),
      "track_features": .string("x,y z"), "schema_version": .integer(2), "strange": .array([.null]),
    ])
    #expect(
      index.name.value == "a" && index.version == "1.0" && index.build.value == "0" && index.buildNumber == 7)
    #expect(index.subdir == .noarch && index.noarch == "python" && index.timestamp == 1_700_000_000_123)
    #expect(index.depends == ["python >=3.12", "b"] && index.constrains == ["c <2"])
    #expect(index.trackFeatures == ["x", "y", "z"] && index.schemaVersion == 2 && !index.requiresV3)
    #expect(index.fields["strange"] == .array([.null]))
  }

  @Test func reportsAllProblemsAtOnce() throws {
    let problems = Self.problems(
      Array(
        #"{"name":"A B","version":3,"build":"x-y","build_number":-1,"depends":[1,"b"],"subdir":"../x","license":[]}"#
          .utf8))
    #expect(
      problems.map(\.key) == ["name", "version", "build", "build_number", "subdir", "depends[0]", "license"])
    #expect(problems.allSatisfy { $0.file == "info/index.json" })
    #expect(problems[0].found == "'A B'")
    #expect(
      "\(problems[3])" == "info/index.json: build_number: found -1, expected a whole number of 0 or more")
  }

  @Test(arguments: ["name", "version", "build", "build_number", "subdir"])
  func refusesAFileWithoutARequiredKey(key: String) throws {
    #expect(Self.problems(try Self.file([key: nil])).map(\.key) == [key])
    #expect(Self.problems(try Self.file([key: .null])).map(\.key) == [key])
  }

  @Test(arguments: [
    ("", "valid JSON"), ("{", "valid JSON"), ("[]", "an object"), ("\"x\"", "an object"),
    ("\u{0}", "valid JSON"),
  ])
  func refusesWhatIsNoObject(text: String, expected: String) {
    let problems = Self.problems(Array(text.utf8))
    #expect(problems.count == 1 && problems[0].key == nil)
    #expect(problems.first?.expected.hasPrefix(expected) == true)
  }

  @Test(arguments: [
    ("name", JSONValue.string("__cuda")), ("name", .string("../a")), ("name", .string("а")),
    ("name", .integer(1)),
    ("version", .string("1-0")), ("version", .string("1..0")), ("version", .string("1.0A")),
    ("version", .string("")),
    ("version", .number(1.5)), ("build", .string("")), ("build", .string("a/b")),
    ("build_number", .string("1")),
    ("build_number", .number(1.5)), ("build_number", .number(1e30)), ("build_number", .bool(true)),
    ("subdir", .string("linux")), ("subdir", .string("linux-64/x")), ("depends", .string("b")),
    ("depends", .object([:])),
    ("depends", .array([.string(" ")])), ("constrains", .array([.null])), ("noarch", .string("odd")),
    ("noarch", .integer(1)),
    ("timestamp", .string("now")), ("timestamp", .integer(-1)),
    ("timestamp", .integer(1_600_000_000_123_456)),
    ("timestamp", .integer(253_402_207_201)), ("timestamp", .number(1.5)), ("track_features", .integer(1)),
    ("track_features", .array([.integer(1)])), ("license", .integer(5)), ("license_family", .array([])),
    ("arch", .integer(1)),
    ("platform", .bool(true)), ("features", .array([])), ("purls", .array([.string("x")])),
    ("purls", .string("pkg:a/b")),
    ("flags", .array([.string("A B")])), ("flags", .string("gpu")), ("extra_depends", .array([])),
    ("extra_depends", .object(["g": .string("x")])), ("schema_version", .string("2")),
    ("schema_version", .integer(-2)),
  ])
  func refusesAMemberThatWouldBreakTheChannel(key: String, value: JSONValue) throws {
    let problems = Self.problems(try Self.file([key: value]))
    #expect(problems.count == 1)
    #expect(problems.first?.key?.hasPrefix(key) == true)
  }

  @Test(arguments: [
    "depends", "constrains", "noarch", "timestamp", "track_features", "license", "flags", "purls", "arch",
  ])
  func takesNullAsAbsent(key: String) throws {
    let index = try Self.parse([key: .null])
    #expect(index.depends == [] && index.noarch == nil && index.timestamp == nil)
  }

  @Test(arguments: [
    ("linux", "x86_64", "linux-64"), ("win", "x86", "win-32"), ("osx", "arm64", "osx-arm64"),
    ("linux", "ppc64le", "linux-ppc64le"),
  ])
  func derivesAMissingSubdir(platform: String, arch: String, subdir: String) throws {
    let index = try Self.parse(["subdir": nil, "platform": .string(platform), "arch": .string(arch)])
    #expect(index.subdir.value == subdir)
  }

  @Test func aNoarchPackageWithoutSubdirAndPlatformIsNoarch() throws {
    #expect(try Self.parse(["subdir": nil, "noarch": .bool(true)]).subdir == .noarch)
    #expect(
      Self.problems(try Self.file(["subdir": nil, "platform": .string("../"), "arch": .string("x")])).count
        == 1)
  }

  @Test func readsTheOldFormOfNoarch() throws {
    #expect(try Self.parse(["noarch": .bool(true)]).noarch == "generic")
    #expect(try Self.parse(["noarch": .bool(false)]).noarch == nil)
  }

  @Test(arguments: [
    (1_600_000_000, 1_600_000_000_000), (0, 0), (253_402_207_200, 253_402_207_200_000),
    (1_600_000_000_123, 1_600_000_000_123),
    (253_402_207_200_000, 253_402_207_200_000),
  ])
  func takesASmallTimestampAsSeconds(written: Int64, milliseconds: Int64) throws {
    #expect(try Self.parse(["timestamp": .integer(written)]).timestamp == milliseconds)
  }

  @Test(arguments: ["lib/python3.13t/site-packages", "./Lib", "a/../b", "Lib\\site-packages"])
  func takesASitePackagesPathInsideThePrefix(path: String) throws {
    #expect(try Self.parse(["python_site_packages_path": .string(path)]).pythonSitePackagesPath == path)
  }

  @Test(arguments: ["", "/lib", "../lib", "a/../../b", "..\\x", "C:\\x", "\\x", "a\u{0}"])
  func refusesASitePackagesPathOutside(path: String) throws {
    let problems = Self.problems(try Self.file(["python_site_packages_path": .string(path)]))
    #expect(problems.map(\.key) == ["python_site_packages_path"])
  }

  @Test func flagsPackagesForTheNewFormat() throws {
    #expect(try Self.parse(["schema_version": .integer(3)]).requiresV3)
    #expect(try !Self.parse([:]).requiresV3)
  }
}
