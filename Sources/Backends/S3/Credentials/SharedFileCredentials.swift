import S3Signer

/// Keys in the profile in use, in `~/.aws/credentials` or `~/.aws/config`.
struct SharedFileCredentials: CredentialsSource {
  let settings: AWSSettings

  func find() async -> CredentialsOutcome {
    let name = settings.profileName
    let profile: [String: String]
    switch await settings.profile() {
    case .failure(let error): return .misconfigured("the profile '\(name)' cannot be read: \(error.message)")
    case .success(.some(let found)): profile = found
    case .success(.none):
      let reason = "there is no profile '\(name)' in \(settings.placesInWords)"
      return settings.isProfileChosen
        ? .misconfigured("\(reason), but AWS_PROFILE names it") : .nothing(reason)
    }
    switch (profile.nonEmpty("aws_access_key_id"), profile.nonEmpty("aws_secret_access_key")) {
    case (let key?, let secret?):
      let credentials = Credentials(
        accessKeyID: key, secretAccessKey: secret, sessionToken: profile.nonEmpty("aws_session_token"))
      return .found(ExpiringCredentials(credentials: credentials, expiration: nil))
    case (.some, nil), (nil, .some):
      return .misconfigured(
        "the profile '\(name)' has only one of aws_access_key_id and aws_secret_access_key")
    case (nil, nil): return .nothing("the profile '\(name)' has no aws_access_key_id\(unsupported(profile))")
    }
  }

  /// What the profile has instead, where that is nothing we know how to use.
  private func unsupported(_ profile: [String: String]) -> String {
    ["credential_process", "sso_session", "sso_start_url", "source_profile", "credential_source"]
      .first { profile.nonEmpty($0) != nil }
      .map { " (its \($0) is not supported)" } ?? ""
  }
}

extension [String: String] {
  /// A value; `nil` if it is missing or empty.
  func nonEmpty(_ name: String) -> String? { self[name].flatMap { $0.isEmpty ? nil : $0 } }
}
