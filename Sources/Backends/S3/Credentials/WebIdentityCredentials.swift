import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import S3Signer

/// A role taken with a token that the platform writes into a file (Kubernetes service accounts, OpenID Connect).
///
/// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, or the profile's `web_identity_token_file` and `role_arn`; the
/// token is read anew each time, since the platform replaces it. Sent unsigned, in the body, to STS.
///
/// Source: AWS Security Token Service API Reference, "AssumeRoleWithWebIdentity".
struct WebIdentityCredentials: CredentialsSource {
  let settings: AWSSettings
  let service: CredentialsService

  func find() async -> CredentialsOutcome {
    let (file, role, session): (String?, String?, String?)
    if let variable = settings.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
      (file, role) = (variable, settings.variable("AWS_ROLE_ARN"))
      session = settings.variable("AWS_ROLE_SESSION_NAME")
    } else {
      let profile = (try? await settings.profile().get()) ?? [:]
      (file, role) = (profile.nonEmpty("web_identity_token_file"), profile.nonEmpty("role_arn"))
      session = profile.nonEmpty("role_session_name")
    }
    guard let file else { return .nothing("AWS_WEB_IDENTITY_TOKEN_FILE is not set") }
    guard let role else {
      return .misconfigured("AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not")
    }
    let token: String
    do throws(BlobStoreError) {
      token = try await settings.text(of: file).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      return .misconfigured("the web identity token cannot be read: \(error.message)")
    }
    return await assumeRole(role, session: session ?? "quetz", token: token)
  }

  private func assumeRole(_ role: String, session: String, token: String) async -> CredentialsOutcome {
    let form = [
      ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
      ("RoleSessionName", session), ("WebIdentityToken", token),
    ]
    let body = form.map { "\($0)=\(URIEncoding.encode(component: $1))" }.joined(separator: "&")
    let url = Self.endpoint(settings, region: await settings.region())
    do throws(CredentialsService.Refusal) {
      let answer = try await service.send(
        .post, url, fields: ["Content-Type": "application/x-www-form-urlencoded"], body: .text(body))
      return .found(try Self.read(answer, from: url))
    } catch {
      return .refused("the role '\(role)' cannot be taken", error)
    }
  }

  /// Where STS is: `AWS_ENDPOINT_URL_STS`, or the region's, or the one for the whole world.
  static func endpoint(_ settings: AWSSettings, region: String?) -> String {
    if let url = settings.variable("AWS_ENDPOINT_URL_STS") ?? settings.variable("AWS_ENDPOINT_URL") {
      return url.hasSuffix("/") ? url : url + "/"
    }
    guard let region, region != "aws-global" else { return "https://sts.amazonaws.com/" }
    return "https://sts.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/"
  }

  private static func read(
    _ answer: CredentialsService.Answer, from url: String
  ) throws(CredentialsService.Refusal) -> ExpiringCredentials {
    let document = S3XML.parse(answer.body)
    let place = URL.withoutSecrets(url)
    guard answer.status == 200 else {
      let error = document?.all("Error").first
      let words =
        error.map { "\($0["Code"] ?? "no code"): \($0["Message"] ?? "no message")" } ?? answer.excerpt
      // STS says 400 IDPCommunicationError where it could not ask the identity provider.
      let isRetryable =
        answer.status >= 500 || answer.status == 429 || error?["Code"] == "IDPCommunicationError"
      throw .init(reason: "\(place) answers \(answer.status) (\(words))", isRetryable: isRetryable)
    }
    let found = document?.all("AssumeRoleWithWebIdentityResult").first?.all("Credentials").first
    guard let key = found?["AccessKeyId"], let secret = found?["SecretAccessKey"],
      let token = found?["SessionToken"],
      let expiration = found?["Expiration"].flatMap(S3Date.parse(listed:))
    else { throw .init(reason: "\(place) does not answer with credentials", isRetryable: false) }
    return ExpiringCredentials(
      credentials: Credentials(accessKeyID: key, secretAccessKey: secret, sessionToken: token),
      expiration: expiration)
  }
}
