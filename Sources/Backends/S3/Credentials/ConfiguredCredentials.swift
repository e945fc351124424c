import S3Signer

/// The keys of the configuration file. Empty ones leave it to the rest of the chain.
struct ConfiguredCredentials: CredentialsSource {
  let credentials: Credentials?

  func find() async -> CredentialsOutcome {
    guard let credentials, !(credentials.accessKeyID.isEmpty && credentials.secretAccessKey.isEmpty) else {
      return .nothing("[s3] has no access_key and secret_key")
    }
    if credentials.secretAccessKey.isEmpty {
      return .misconfigured("[s3] has an access_key but no secret_key")
    }
    if credentials.accessKeyID.isEmpty { return .misconfigured("[s3] has a secret_key but no access_key") }
    return .found(ExpiringCredentials(credentials: credentials.withoutEmptyToken, expiration: nil))
  }
}

extension Credentials {
  /// The same, an empty session token being none.
  var withoutEmptyToken: Credentials {
    sessionToken?.isEmpty == true
      ? Credentials(accessKeyID: accessKeyID, secretAccessKey: secretAccessKey) : self
  }
}
