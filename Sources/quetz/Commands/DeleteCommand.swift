import ArgumentParser
import Foundation
import Server

struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete a deployment with everything in it.")

  @Argument(help: "The deployment's folder.")
  var path: String

  @Flag(inversion: .prefixedNo, help: "Do not ask.")
  var force = false

  func run() async throws {
    try await Terminal.aborting {
      let deployment = Deployment(path: path)
      guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
      if !force { try confirm(deployment) }
      try DeploymentCreation.remove(deployment)
    }
  }

  private func confirm(_ deployment: Deployment) throws {
    FileHandle.standardOutput.write(Data("Delete Quetz deployment at \(deployment.root)? [y/N]: ".utf8))
    guard let answer = readLine(), ["y", "yes"].contains(answer.lowercased()) else {
      Terminal.warn("Aborted")
      throw ExitCode(1)
    }
  }
}
