import CondaTypes
import Foundation
import Metadata
import Server

extension TestApp {
  /// Runs `first` on a new deployment, `between` while no server runs, then `second` on the same deployment.
  static func restart(
    toml: String = "", documentDelay: Int = 10, _ first: @Sendable (TestApp) async throws -> Void,
    between: (Deployment, MetadataStore) async throws -> Void,
    log: LogRecorder? = nil,
    _ second: @Sendable (TestApp) async throws -> Void
  ) async throws {
    try await withStoppedDeployment(toml: toml, documentDelay: documentDelay, first) { deployment in
      let metadata = try database(of: deployment)
      try await between(deployment, metadata)
      try metadata.close()
      try await TestApp.run(deployment, log: log, second)
    }
  }

  /// Runs `first` on a new deployment, then `body` with what it left.
  static func withStoppedDeployment(
    toml: String = "", documentDelay: Int = 10, _ first: @Sendable (TestApp) async throws -> Void,
    _ body: (Deployment) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-restart-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let deployment = try await TestApp.with(documentDelay: documentDelay, toml: toml, root: folder) { app in
      try await first(app)
      return app.deployment
    }
    try await body(deployment)
  }

  /// The database of a deployment that no server runs in; to be closed.
  static func database(of deployment: Deployment) throws -> MetadataStore {
    let configuration = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
      .configuration
    return try MetadataStore.open(at: deployment.databaseFile(configuration.database))
  }
}

extension Deployment {
  /// Where a derived file lies.
  func documentFile(_ digest: Digest) -> String {
    "\(documentsFolder)/sha256/\(digest.hex.prefix(2))/\(digest.hex)"
  }
}
