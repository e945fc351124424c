import Backends
import Foundation
import NIOCore
import S3Signer

/// Puts the files of a folder into the bucket, or gets them back into a folder; prints the seconds it took.
///
/// `S3Benchmark put|get FOLDER PARALLEL`, with S3_ENDPOINT, S3_BUCKET, S3_REGION, S3_ACCESS_KEY and S3_SECRET_KEY.
@main
struct S3Benchmark {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4, let parallel = Int(arguments[3]) else {
      print("usage: S3Benchmark put|get FOLDER PARALLEL")
      exit(2)
    }
    let store = RetryingStore(try makeStore())
    let (verb, folder) = (arguments[1], arguments[2])
    let keys = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    // Like the others, with a connection that stands.
    _ = try? await store.info(BlobKey("warm.up"))
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, name) in keys.enumerated() {
        if index >= parallel { try await group.next() }
        group.addTask {
          let key = try BlobKey("ours/" + name)
          if verb == "put" {
            try await store.put(.file(path: folder + "/" + name, move: false), at: key)
          } else {
            try await Self.fetch(key, from: store, to: folder + "/" + name)
          }
        }
      }
      try await group.waitForAll()
    }
    print((ContinuousClock.now - start) / .seconds(1))
  }

  private static func makeStore() throws -> S3Store {
    let environment = ProcessInfo.processInfo.environment
    func value(_ name: String) -> String { environment[name] ?? "" }
    var configuration = S3Configuration(
      endpoint: value("S3_ENDPOINT"), region: value("S3_REGION"), bucket: value("S3_BUCKET"))
    configuration.addressing = .path
    return try S3Store(
      configuration,
      credentials: StaticCredentials(
        Credentials(accessKeyID: value("S3_ACCESS_KEY"), secretAccessKey: value("S3_SECRET_KEY"))))
  }

  private static func fetch(_ key: BlobKey, from store: any BlobStore, to path: String) async throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    defer { close(descriptor) }
    for try await chunk in try await store.get(key).chunks {
      let count = chunk.withUnsafeReadableBytes { bytes in write(descriptor, bytes.baseAddress, bytes.count) }
      guard count == chunk.readableBytes else { throw POSIXError(.EIO) }
    }
  }
}
