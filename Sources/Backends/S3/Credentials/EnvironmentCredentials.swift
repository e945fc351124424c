import S3Signer

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, with temporary ones, `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: CredentialsSource {
  let settings: AWSSettings

  func find() async -> CredentialsOutcome {
    let secret = settings.variable("AWS_SECRET_ACCESS_KEY")
    guard let key = settings.variable("AWS_ACCESS_KEY_ID") else {
      return secret == nil
        ? .nothing("AWS_ACCESS_KEY_ID is not set")
        : .misconfigured("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not")
    }
    guard let secret else {
      return .misconfigured("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not")
    }
    let credentials = Credentials(
      accessKeyID: key, secretAccessKey: secret, sessionToken: settings.variable("AWS_SESSION_TOKEN"))
    return .found(ExpiringCredentials(credentials: credentials, expiration: nil))
  }
}
