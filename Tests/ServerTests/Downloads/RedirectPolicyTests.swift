import HTTPTypes
import Server
import Testing

@Suite struct RedirectPolicyTests {
  /// Method, artifact, whole, X-API-Key, /t/ → with `safe`, with `all`.
  static let table: [(HTTPRequest.Method, Bool, Bool, Bool, Bool, Bool, Bool)] = [
    (.get, true, true, false, false, true, true),
    (.get, true, true, true, false, false, true),
    (.get, true, true, false, true, false, true),
    (.get, true, true, true, true, false, true),
    (.get, true, false, false, false, false, false),
    (.get, false, true, false, false, false, false),
    (.head, true, true, false, false, false, false),
    (.post, true, true, false, false, false, false),
    (.get, false, false, true, true, false, false),
  ]

  @Test(arguments: table)
  func redirectsWholeArtifactsToClientsThatKeepTheirKeysToThemselves(
    method: HTTPRequest.Method, isArtifact: Bool, isWhole: Bool, header: Bool, token: Bool, safe: Bool,
    all: Bool
  ) {
    let facts = RedirectPolicy.Facts(
      method: method, isArtifact: isArtifact, isWhole: isWhole, carriesAPIKeyHeader: header,
      carriesPathToken: token)
    #expect(RedirectPolicy(credentials: .safe).redirects(facts) == safe)
    #expect(RedirectPolicy(credentials: .all).redirects(facts) == all)
  }
}
