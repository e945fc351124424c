import ArgumentParser
import Foundation
import Metadata
import Server

struct InitDBCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init-db", abstract: "Bring a deployment's database schema up to date.")

  @Argument(help: "The deployment's folder.")
  var path: String

  func run() async throws {
    try await Terminal.aborting {
      try await withDeploymentDatabase(path) { metadata, _ in try metadata.migrate() }
    }
  }
}

/// Opens the database of a deployment that no server runs, for one command.
func withDeploymentDatabase(
  _ path: String, _ body: (MetadataStore, ServerConfiguration) async throws -> Void
) async throws {
  let deployment = Deployment(path: path)
  guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
  let loaded = try DeploymentConfiguration(
    deployment: deployment, environment: ProcessInfo.processInfo.environment
  ).load()
  let lock = try DeploymentLock(deployment)
  let metadata = try MetadataStore.open(at: deployment.databaseFile(loaded.configuration.database))
  try await body(metadata, loaded.configuration)
  try metadata.close()
  withExtendedLifetime(lock) {}
}
