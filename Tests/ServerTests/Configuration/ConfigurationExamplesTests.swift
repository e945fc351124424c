import Foundation
import HTTPTypes
import Server
import Testing

/// The examples in `config/` that need nothing but a disk, started as they are. Those with a bucket are started by
/// `Tests/S3/end_to_end.py`, on a real S3 server.
@Suite struct ConfigurationExamplesTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../config").standardizedFileURL.path

  @Test(arguments: ["minimal.toml", "local.toml", "local-nginx.toml", "config.toml"])
  func start(name: String) async throws {
    let root = NSTemporaryDirectory() + "quetz-example-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: root) }
    let deployment = Deployment(path: root)
    try await DeploymentCreation(
      deployment: deployment, copyConfiguration: Self.folder + "/" + name, report: { _ in }
    ).run()
    try await TestApp.run(deployment) { app in
      let answer = try await app.send(.get, "/health/live")
      #expect(answer.status == 200)
    }
  }
}
