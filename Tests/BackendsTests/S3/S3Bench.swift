import Backends
import CurlHTTP
import Foundation
import Locks
import NIOCore
import S3Signer
import Testing

/// A store on a scripted transport, with a clock that stands still and waits that take no time.
struct S3Bench {
  static let moment = Date(timeIntervalSince1970: 1_795_000_000)
  let transport: ScriptedTransport
  let store: S3Store
  let waits = Guarded<[Duration]>([])
  let events = Guarded<[S3Event]>([])

  init(
    _ answers: [ScriptedTransport.Answer], regionHint: String? = nil,
    _ change: (inout S3Configuration) -> Void = { _ in }
  ) throws {
    var configuration = S3Configuration(
      endpoint: "http://s3.test:9000", region: "us-east-1", bucket: "bucket", keyPrefix: "quetz/")
    change(&configuration)
    transport = ScriptedTransport(answers)
    let (waits, events) = (waits, events)
    var retry = RetryPolicy(budget: .seconds(60))
    retry.now = { waits.withLock { $0.reduce(.zero, +) } }
    retry.sleep = { delay in waits.withLock { $0.append(delay) } }
    retry.random = { 1 }
    store = try S3Store(
      configuration,
      credentials: StaticCredentials(Credentials(accessKeyID: "AKID", secretAccessKey: "secret")),
      transport: transport, retry: retry, now: { Self.moment }, regionHint: { regionHint },
      onEvent: { event in events.withLock { $0.append(event) } })
  }

  /// Throws what a call failed with, as a kind.
  static func kind(_ call: () async throws -> Void) async -> BlobStoreError.Kind? {
    do {
      try await call()
      return nil
    } catch {
      return (error as? BlobStoreError)?.kind
    }
  }

  static func key(_ text: String = "sha256/ab/abc") throws -> BlobKey { try BlobKey(text) }
}
