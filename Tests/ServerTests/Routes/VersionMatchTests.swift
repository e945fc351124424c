import CondaTypes
import HTTPTypes
import TestSupport
import Testing

/// `version_match_str` of the lists of versions: conda's version specs (quetz-api.md §1.5, with the fix).
@Suite struct VersionMatchTests {
  static let root = "/api/channels/lab/packages/demo/versions"
  static let paged = "/api/paginated/channels/lab/packages/demo/versions"
  static let versions = ["1.9", "1.10", "1.10rc1", "2.0.dev1", "1!0.1", "1.0"]

  /// Spec as sent, versions wanted, newest first.
  static let cases: [(String, [String])] = [
    ("%3E=1.9,%3C2", ["2.0.dev1", "1.10", "1.10rc1", "1.9"]),
    ("1.10.*", ["1.10", "1.10rc1"]), ("=1.10", ["1.10", "1.10rc1"]), ("1.10.0", ["1.10"]),
    ("1.0%7C1.9", ["1.9", "1.0"]), ("(%3C1.10%7C%3E1!0),!=1.0.*", ["1!0.1", "1.10rc1", "1.9"]),
    ("%5E1%5C.(9%7C0)$", ["1.9", "1.0"]), ("~=1.9", ["1.10", "1.10rc1", "1.9"]), ("%3E9!1", []),
    ("*rc*", ["1.10rc1"]),
    ("", ["1!0.1", "2.0.dev1", "1.10", "1.10rc1", "1.9", "1.0"]),
  ]

  @Test func listsTheVersionsThatASpecWants() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for version in Self.versions {
        #expect(try await app.upload(PackageBuilder(version: version), to: "lab").status == 201)
      }
      for (spec, wanted) in Self.cases {
        let list = try await app.json("\(Self.root)?version_match_str=\(spec)").asArray ?? []
        #expect(list.compactMap { $0["version"]?.asString } == wanted, "\(spec)")
        let page = try await app.json("\(Self.paged)?version_match_str=\(spec)&skip=1&limit=2")
        let onPage = (page["result"]?.asArray ?? []).compactMap { $0["version"]?.asString }
        #expect(onPage == Array(wanted.dropFirst().prefix(2)), "\(spec)")
        #expect(page["pagination"]?["all_records_count"]?.asInteger == Int64(wanted.count), "\(spec)")
      }
    }
  }

  @Test(arguments: ["%3E=", "1..2", "(1", "%5E(?=a)$", "1%00", "%3C*"])
  func aSpecThatCannotBeReadIsAValidationError(spec: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      for path in [Self.root, Self.paged] {
        let answer = try await app.send(.get, "\(path)?version_match_str=\(spec)")
        #expect(answer.status == 422)
        let issue = answer.detail?.asArray?.first
        #expect(issue?["loc"] == ["query", "version_match_str"])
        #expect(issue?["msg"]?.asString?.contains("expected") == true)
      }
    }
  }
}
