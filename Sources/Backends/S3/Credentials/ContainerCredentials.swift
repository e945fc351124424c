import CurlHTTP
import Foundation
import S3Signer

/// What the container's platform hands out at an address of its own (ECS, EKS Pod Identity).
///
/// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` is a path at 169.254.170.2, `AWS_CONTAINER_CREDENTIALS_FULL_URI` a whole URL; by
/// `http` only to this machine and its link, since the answer is a secret. `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`
/// or `AWS_CONTAINER_AUTHORIZATION_TOKEN` go along as `Authorization`.
///
/// Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
struct ContainerCredentials: CredentialsSource {
  let settings: AWSSettings
  let service: CredentialsService

  func find() async -> CredentialsOutcome {
    guard let url = Self.url(settings) else {
      return .nothing("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set")
    }
    guard Self.isTrustworthy(url) else {
      return .misconfigured(
        "AWS_CONTAINER_CREDENTIALS_FULL_URI is \(URL.withoutSecrets(url)), "
          + "expected https, or http to a loopback or link-local address without a user before it")
    }
    do throws(BlobStoreError) {
      let token = try await authorisation()
      do throws(CredentialsService.Refusal) {
        let answer = try await service.fetch(url: url, fields: token.map { ["Authorization": $0] } ?? [:])
        return .found(try CredentialsDocument.read(answer, from: url))
      } catch {
        return .refused("the container's credentials cannot be had", error)
      }
    } catch {
      return .misconfigured("the container's authorisation token cannot be used: \(error.message)")
    }
  }

  /// Where the environment says to ask; `nil` if it says nothing.
  static func url(_ settings: AWSSettings) -> String? {
    settings.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
      .map { "http://169.254.170.2\($0.hasPrefix("/") ? "" : "/")\($0)" }
      ?? settings.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")
  }

  /// Whether a secret may come from there: by TLS, or from this machine and its link alone.
  ///
  /// Names other than `localhost` are refused with `http`: who answers to them is up to a name server.
  static func isTrustworthy(_ url: String) -> Bool {
    if url.lowercased().hasPrefix("https://") { return true }
    guard url.lowercased().hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    // A name before `@` is no host.
    guard !authority.contains("@"), !authority.contains("\\") else { return false }
    if authority.hasPrefix("[") {
      let host = authority.dropFirst().prefix { $0 != "]" }.lowercased()
      return host == "::1" || host == "fd00:ec2::23" || host.hasPrefix("fe80:")
    }
    let host = authority.prefix { $0 != ":" }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard numbers.count == 4, !numbers.contains(nil) else { return host == "localhost" }
    return numbers[0] == 127 || (numbers[0] == 169 && numbers[1] == 254)
  }

  private func authorisation() async throws(BlobStoreError) -> String? {
    let token: String
    if let file = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
      token = try await settings.text(of: file).trimmingCharacters(in: .whitespacesAndNewlines)
    } else if let variable = settings.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
      token = variable
    } else {
      return nil
    }
    guard !token.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
      throw BlobStoreError(.unexpected, message: "it has control characters")
    }
    return token
  }
}
