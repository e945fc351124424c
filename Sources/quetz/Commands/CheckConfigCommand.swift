import ArgumentParser
import Foundation
import Server

struct CheckConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config", abstract: "Report all mistakes of a deployment's configuration.")

  @Argument(help: "The deployment's folder, or a configuration file.")
  var path = "."

  func run() async throws {
    try await Terminal.aborting {
      var environment = ProcessInfo.processInfo.environment
      var deployment = Deployment(path: path)
      if !Deployment.isFolder(path) {
        environment["QUETZ_CONFIG_FILE"] = path
        deployment = Deployment(path: ".")
      }
      let loaded = try DeploymentConfiguration(deployment: deployment, environment: environment).load()
      for warning in loaded.warnings { Terminal.warn("warning: \(warning)") }
      Terminal.print("the configuration is valid")
    }
  }
}
