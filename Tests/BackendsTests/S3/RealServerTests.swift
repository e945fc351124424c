import BackendConformance
import Backends
import Foundation
import NIOCore
import S3Signer
import Testing

/// The contract on a real server: run by `make s3-test`, which starts one and says where it is.
@Suite("S3: a real server", .enabled(if: ProcessInfo.processInfo.environment["S3_ENDPOINT"] != nil))
struct S3RealServerTests {
  private static func value(_ name: String) -> String { ProcessInfo.processInfo.environment[name] ?? "" }

  /// The styles that the server has, from `S3_STYLES`.
  static let styles = value("S3_STYLES").split(separator: ",").compactMap {
    S3Configuration.AddressingStyle(rawValue: String($0))
  }

  static func store(
    _ style: S3Configuration.AddressingStyle, _ change: (inout S3Configuration) -> Void = { _ in }
  ) throws -> S3Store {
    var configuration = S3Configuration(
      endpoint: value("S3_ENDPOINT"), bucket: value("S3_BUCKET"), keyPrefix: "quetz/packages/")
    configuration.addressing = style
    configuration.multipartThreshold = 5 << 20
    configuration.partSize = 5 << 20
    if style == .virtualHost {
      configuration.endpoint = configuration.endpoint.replacing("127.0.0.1", with: "localhost")
    }
    change(&configuration)
    let credentials = Credentials(
      accessKeyID: value("S3_ACCESS_KEY"), secretAccessKey: value("S3_SECRET_KEY"))
    return try S3Store(configuration, credentials: StaticCredentials(credentials))
  }

  @Test(arguments: styles)
  func keepsEveryPromise(_ style: S3Configuration.AddressingStyle) async throws {
    let s3 = try Self.store(style)
    #expect(await s3.diagnose() == nil)
    let store = RetryingStore(s3)
    for result in await BackendConformance.run(on: store) {
      #expect(result.outcome == .passed, "\(result.name): \(result.message ?? "")")
    }
  }

  @Test func aFileInPartsComesBackAndNoUploadIsLeft() async throws {
    let store = try Self.store(.path)
    let path = FileManager.default.temporaryDirectory.path + "/s3-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    let bytes = Data((0..<(12 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 7) })
    try bytes.write(to: URL(fileURLWithPath: path))
    let key = try BlobKey("parts/" + UUID().uuidString + ".conda")
    try await store.put(.file(path: path, move: false), at: key)
    let read = try await store.get(key).collect(upTo: 16 << 20)
    #expect(read.readableBytesView.elementsEqual(bytes))
    try await store.delete([key])
    #expect(await S3Bench.kind { _ = try await store.info(key) } == .notFound)
    #expect(try await store.sweepUploads(olderThan: .zero) == 0)
  }

  @Test func wrongKeysAndAMissingBucketAreSaid() async throws {
    let missing = try Self.store(.path) { $0.bucket = "no-such-bucket-here" }
    #expect(await missing.diagnose()?.problem == .missingBucket)
    let configuration = try Self.store(.path).configuration
    let wrong = try S3Store(
      configuration,
      credentials: StaticCredentials(Credentials(accessKeyID: "AKIANOBODY", secretAccessKey: "x")))
    let problem = await wrong.diagnose()?.problem
    #expect(problem == .wrongKeys || problem == .refusedPermission)
  }
}
