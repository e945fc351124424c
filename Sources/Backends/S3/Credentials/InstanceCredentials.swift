import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import S3Signer

/// The role of the machine, from its metadata service (IMDSv2): a token, the role's name, its credentials.
///
/// Version 1, which needs no token, is not asked: whoever can make this machine send a `GET` could read it.
/// `AWS_EC2_METADATA_SERVICE_ENDPOINT` names another address, `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6` the one by
/// IPv6, `AWS_EC2_METADATA_DISABLED=true` none.
///
/// Source: Amazon EC2 User Guide, "Use IMDSv2".
struct InstanceCredentials: CredentialsSource {
  private static let path = "/latest/meta-data/iam/security-credentials/"
  private static let tokenLifetime = 21_600

  let settings: AWSSettings
  let service: CredentialsService

  func find() async -> CredentialsOutcome {
    if settings.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" {
      return .nothing("instance metadata is switched off by AWS_EC2_METADATA_DISABLED")
    }
    let endpoint = Self.endpoint(settings)
    let fields: [String: String]
    do throws(CredentialsService.Refusal) {
      let token = try await service.fetch(
        .put, url: "\(endpoint)/latest/api/token",
        fields: ["X-aws-ec2-metadata-token-ttl-seconds": String(Self.tokenLifetime)])
      fields = ["X-aws-ec2-metadata-token": Self.text(token)]
    } catch {
      // Most machines have no such service; then it is not in use.
      return error.isUnreachable
        ? .nothing("no instance metadata service answers at \(URL.withoutSecrets(endpoint))")
        : .refused("instance metadata gives no token", error)
    }
    return await roleCredentials(endpoint, fields)
  }

  private func roleCredentials(_ endpoint: String, _ fields: [String: String]) async -> CredentialsOutcome {
    do throws(CredentialsService.Refusal) {
      let place = URL.withoutSecrets(endpoint)
      let list = try await service.send(.get, endpoint + Self.path, fields: fields)
      let role = Self.text(list.body).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
      guard list.status != 404, !(list.status == 200 && role.isEmpty) else {
        return .nothing("this machine has no role (\(place) names none)")
      }
      guard list.status == 200 else {
        let isRetryable = list.status >= 500 || list.status == 429
        return .failed(
          "instance metadata names no role: \(place) answers \(list.status)", isRetryable: isRetryable)
      }
      let url = endpoint + Self.path + URIEncoding.encode(component: role)
      return .found(
        try CredentialsDocument.read(try await service.fetch(url: url, fields: fields), from: url))
    } catch {
      return .refused("the machine's role gives no credentials", error)
    }
  }

  /// Where the service is, without a slash at the end.
  static func endpoint(_ settings: AWSSettings) -> String {
    if let url = settings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
      return url.hasSuffix("/") ? String(url.dropLast()) : url
    }
    return settings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")?.lowercased() == "ipv6"
      ? "http://[fd00:ec2::254]" : "http://169.254.169.254"
  }

  private static func text(_ body: ByteBuffer) -> String {
    String(decoding: body.readableBytesView, as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
