/// One place where credentials may be found: a part of the ``CredentialsChain``.
protocol CredentialsSource: Sendable {
  /// Looks. Never throws: that there is nothing is an answer.
  func find() async -> CredentialsOutcome
}

/// What a source found.
enum CredentialsOutcome: Sendable {
  /// Credentials, which ends the search.
  case found(ExpiringCredentials)
  /// The source is not in use here; why, as a clause, e.g. "AWS_ACCESS_KEY_ID is not set".
  case nothing(String)
  /// The source is in use and does not work, which ends the search: falling through to another identity would hide the
  /// mistake. What was found, as a clause without secrets.
  case failed(String, isRetryable: Bool)

  /// A mistake in what was configured; waiting does not help.
  static func misconfigured(_ reason: String) -> Self { .failed(reason, isRetryable: false) }
}
