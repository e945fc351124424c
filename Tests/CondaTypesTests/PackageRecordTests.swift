import CondaTypes
import Testing

@Suite struct PackageRecordTests {
  static let sha256 = String(repeating: "0a", count: 32)
  static let md5 = String(repeating: "f1", count: 16)

  static func record(_ index: IndexJSON, timeModified: Int64? = nil) throws -> PackageRecord {
    PackageRecord(
      index: index, sha256: try Digest(sha256Hex: sha256), md5: try Digest(md5Hex: md5), size: 7,
      indexedTimestamp: 9,
      timeModified: timeModified)
  }

  /// The record of the smallest `index.json` with these members set, without what the file's bytes say.
  static func recordMembers(_ changes: String) throws -> [String: JSONValue] {
    let changes = try #require(JSONValue(parsing: changes.utf8).asObject)
    var members = try record(IndexJSONTests.parse(changes.mapValues(Optional.some))).members
    for key in ["md5", "sha256", "size", "indexed_timestamp"] { members[key] = nil }
    return members
  }

  /// Members of `index.json`, and those that py-rattler 0.28's `index_fs` added or changed in the record of
  /// the smallest package for them; recorded by running it.
  @Test(arguments: [
    (#"{"timestamp":1600000000}"#, #"{"timestamp":1600000000}"#), (#"{"timestamp":0}"#, #"{"timestamp":0}"#),
    (#"{"timestamp":1600000000123}"#, #"{"timestamp":1600000000123}"#), (#"{"timestamp":null}"#, "{}"),
    (#"{"track_features":"a b"}"#, #"{"track_features":"a b"}"#),
    (#"{"track_features":"a,b"}"#, #"{"track_features":"a b"}"#),
    (#"{"track_features":["a","b"]}"#, #"{"track_features":"a b"}"#),
    (#"{"track_features":""}"#, #"{"track_features":""}"#),
    (#"{"track_features":[]}"#, "{}"), (#"{"track_features":"a, b"}"#, #"{"track_features":"a  b"}"#),
    (#"{"track_features":" a  b "}"#, #"{"track_features":" a  b "}"#),
    (#"{"track_features":[""]}"#, #"{"track_features":""}"#),
    (#"{"track_features":["a b","c"]}"#, #"{"track_features":"a b c"}"#),
    (#"{"track_features":","}"#, #"{"track_features":" "}"#),
    (#"{"noarch":true}"#, #"{"noarch":true}"#), (#"{"noarch":false}"#, "{}"), (#"{"noarch":null}"#, "{}"),
    (#"{"noarch":"python"}"#, #"{"noarch":"python"}"#),
    (#"{"constrains":["x >1"]}"#, #"{"constrains":["x >1"]}"#),
    (#"{"constrains":[]}"#, "{}"), (#"{"features":"mkl"}"#, #"{"features":"mkl"}"#),
    (#"{"features":""}"#, #"{"features":""}"#),
    (#"{"license":""}"#, #"{"license":""}"#), (#"{"license":null}"#, "{}"),
    (#"{"license_family":""}"#, #"{"license_family":""}"#),
    (#"{"arch":"","platform":""}"#, #"{"arch":"","platform":""}"#), (#"{"arch":null,"platform":null}"#, "{}"),
    (#"{"arch":"x86_64","platform":"linux"}"#, #"{"arch":"x86_64","platform":"linux"}"#),
    (#"{"purls":["pkg:pypi/x"]}"#, #"{"purls":["pkg:pypi/x"]}"#), (#"{"purls":[]}"#, #"{"purls":[]}"#),
    (#"{"purls":null}"#, "{}"),
    (#"{"flags":["gpu"]}"#, #"{"flags":["gpu"]}"#), (#"{"flags":[],"extra_depends":{}}"#, "{}"),
    (#"{"extra_depends":{"g":["x"]}}"#, #"{"extra_depends":{"g":["x"]}}"#),
    (#"{"extra_depends":{"g":[]}}"#, #"{"extra_depends":{"g":[]}}"#),
    (
      #"{"python_site_packages_path":"lib/python3.13t/site-packages"}"#,
      #"{"python_site_packages_path":"lib/python3.13t/site-packages"}"#
    ),
    (
      #"{"legacy_bz2_md5":"x","legacy_bz2_size":5,"md5":"x","sha256":"x","size":7,"url":"u","fn":"f","channel":"c"}"#,
      "{}"
    ),
  ])
  func equalsWhatRattlerWrites(changes: String, expected: String) throws {
    var record = try #require(JSONValue(parsing: IndexJSONTests.base.utf8).asObject)
    record.merge(try #require(JSONValue(parsing: expected.utf8).asObject)) { _, new in new }
    #expect(try Self.recordMembers(changes) == record)
  }

  @Test func alwaysHasDepends() throws {
    #expect(try Self.recordMembers(#"{"depends":null}"#)["depends"] == .array([]))
  }

  @Test func keepsKeysThatNobodyKnows() throws {
    let members = try Self.recordMembers(
      #"{"app":{"x":[1,null]},"schema_version":2.0,"preferred_env":null,"license_url":"u"}"#)
    #expect(members["app"] == .object(["x": .array([.integer(1), .null])]))
    #expect(members["schema_version"] == .integer(2) && members["license_url"] == .string("u"))
    #expect(members["preferred_env"] == nil)
  }

  @Test func anUploaderCannotSetWhatIsTheIndexsToSay() throws {
    let forged = PackageRecord.reservedKeys.map { "\"\($0)\":\"forged\"" }.joined(separator: ",")
    let changes = try #require(JSONValue(parsing: "{\(forged)}".utf8).asObject)
    let record = try Self.record(IndexJSONTests.parse(changes.mapValues(Optional.some)), timeModified: 11)
    #expect(!record.json.canonicalText().contains("forged"))
    #expect(record.json["md5"] == .string(Self.md5) && record.json["sha256"] == .string(Self.sha256))
    #expect(record.json["size"] == .integer(7) && record.json["indexed_timestamp"] == .integer(9))
    #expect(record.json["time_modified"] == .integer(11))
  }

  @Test func normalisesNumbersAndNames() throws {
    let members = try Self.recordMembers(#"{"build_number":1.0,"timestamp":1600000000123.0,"name":"Aa"}"#)
    #expect(members["build_number"] == .integer(1) && members["timestamp"] == .integer(1_600_000_000_123))
    #expect(members["name"] == .string("aa"))
  }

  @Test func writesADerivedSubdir() throws {
    let index = try IndexJSONTests.parse([
      "subdir": nil, "platform": .string("linux"), "arch": .string("x86_64"),
    ])
    #expect(try Self.record(index).json["subdir"] == .string("linux-64"))
  }

  @Test func writesCanonicalJSON() throws {
    let record = try Self.record(IndexJSONTests.parse([:]))
    #expect(
      String(decoding: record.jsonBytes, as: UTF8.self)
        == #"{"build":"0","build_number":0,"depends":[],"indexed_timestamp":9,"md5":"\#(Self.md5)","name":"a","#
        + #""sha256":"\#(Self.sha256)","size":7,"subdir":"noarch","version":"1.0"}"#)
  }

  @Test func aShardsRecordHasBinaryDigestsAndSortedKeys() throws {
    let record = try Self.record(IndexJSONTests.parse(["timestamp": .integer(1_600_000_000_123)]))
    let value = try MessagePack.decode(record.messagePack(runExports: RunExports(weak: ["a 1"])))
    let keys = try #require(value.keys)
    #expect(keys == keys.sorted())
    #expect(Set(keys) == Set(record.members.keys).union(["run_exports"]))
    #expect(value["sha256"] == .binary(Array(repeating: 0x0A, count: 32)))
    #expect(value["md5"] == .binary(Array(repeating: 0xF1, count: 16)))
    #expect(value["run_exports"]?["weak"] == .array([.string("a 1")]))
    #expect(value["timestamp"] == .integer(1_600_000_000_123) && value["depends"] == .array([]))
  }

  @Test func tellsUnknownRunExportsFromNone() throws {
    let record = try Self.record(IndexJSONTests.parse([:]))
    #expect(try MessagePack.decode(record.messagePack(runExports: nil))["run_exports"] == nil)
    #expect(try MessagePack.decode(record.messagePack(runExports: RunExports()))["run_exports"] == .map([]))
  }
}
