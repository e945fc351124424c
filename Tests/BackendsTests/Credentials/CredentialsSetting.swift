import CurlHTTP
import Foundation
import Locks
import S3Signer

@testable import Backends

/// A user's folder with AWS's files in it, an environment, and a clock that stands still until it is moved.
final class CredentialsSetting: Sendable {
  let home: String
  private let moment: Guarded<Date>
  private let variables: Guarded<[String: String]>

  /// 2026-01-01T00:00:00Z.
  static let start = Date(timeIntervalSince1970: 1_767_225_600)

  /// Instance metadata is off unless a test brings a service of its own.
  init(_ environment: [String: String] = [:], metadata: String? = nil) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "quetz-aws-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent(".aws"), withIntermediateDirectories: true)
    home = folder.path
    moment = Guarded(Self.start)
    var values = environment
    values["HOME"] = folder.path
    if let metadata {
      values["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = metadata
    } else {
      values["AWS_EC2_METADATA_DISABLED"] = "true"
    }
    variables = Guarded(values)
  }

  deinit { try? FileManager.default.removeItem(atPath: home) }

  var settings: AWSSettings { AWSSettings(environment: variables.withLock { $0 }) }

  func write(_ text: String, to path: String) throws {
    try text.write(toFile: "\(home)/\(path)", atomically: true, encoding: .utf8)
  }

  func move(by seconds: TimeInterval) { moment.withLock { $0 += seconds } }

  var now: @Sendable () -> Date { { [self] in moment.withLock { $0 } } }

  func chain(_ configured: Credentials? = nil) -> CredentialsChain {
    let transport = CurlTransport()
    return CredentialsChain(
      configured: configured, settings: settings, remote: transport, near: transport, now: now)
  }

  /// The access key that the chain ends at.
  func accessKey(_ configured: Credentials? = nil) async throws -> String {
    try await chain(configured).credentials().accessKeyID
  }

  /// What the chain says when it has nothing.
  func refusal(_ configured: Credentials? = nil) async -> BlobStoreError? {
    do throws(BlobStoreError) {
      _ = try await chain(configured).credentials()
      return nil
    } catch {
      return error
    }
  }
}

extension Credentials {
  /// A key pair for tests.
  static func named(_ name: String, token: String? = nil) -> Credentials {
    Credentials(accessKeyID: name, secretAccessKey: "secret-of-\(name)", sessionToken: token)
  }
}
