package import HTTPTypes

/// Who fetches an artifact from the store itself, and who gets it from us; decided purely from the request.
///
/// Some clients carry what they logged in with to the redirect's target (client-behaviour.md §4): `X-API-Key` is sent
/// along by conda and rattler, and rattler's `Referer` holds the `/t/<key>/` of the first URL. There it would stand in
/// the storage host's logs. `Authorization` is dropped by all of them.
package struct RedirectPolicy: Hashable, Sendable {
  /// Which logins are redirected.
  package enum Credentials: String, CaseIterable, Sendable {
    /// Those that stay with us: none, Bearer, Basic, and sessions.
    case safe
    /// All.
    case all
  }

  /// What the decision is made from.
  package struct Facts: Hashable, Sendable {
    package var method: HTTPRequest.Method
    /// Whether the bytes are an artifact's; documents and shards always come from us.
    package var isArtifact: Bool
    /// Whether the whole of it is to be sent. Ranges come from us: some clients drop them on the way.
    package var isWhole: Bool
    package var carriesAPIKeyHeader: Bool
    package var carriesPathToken: Bool

    package init(
      method: HTTPRequest.Method, isArtifact: Bool, isWhole: Bool, carriesAPIKeyHeader: Bool,
      carriesPathToken: Bool
    ) {
      self.method = method
      self.isArtifact = isArtifact
      self.isWhole = isWhole
      self.carriesAPIKeyHeader = carriesAPIKeyHeader
      self.carriesPathToken = carriesPathToken
    }
  }

  package var credentials: Credentials

  package init(credentials: Credentials) { self.credentials = credentials }

  /// Whether the answer is a redirect. What a request carries counts, not whether it was accepted: a wrong key is no
  /// less of a leak.
  package func redirects(_ facts: Facts) -> Bool {
    guard facts.method == .get, facts.isArtifact, facts.isWhole else { return false }
    return credentials == .all || !(facts.carriesAPIKeyHeader || facts.carriesPathToken)
  }
}
