import ArgumentParser
import BackendConformance
import Backends
import Foundation
import Logging
import Server

struct CheckStorageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-storage",
    abstract: "Check that a deployment's store keeps the promises Quetz relies on.",
    discussion: """
      Works beside a running server, under a name of its own, and leaves nothing behind.
      Ends with 0 only if all checks pass.
      """)

  @Argument(help: "The deployment's folder.")
  var path = "."

  func run() async throws {
    try await Terminal.aborting {
      let deployment = Deployment(path: path)
      guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
      let environment = ProcessInfo.processInfo.environment
      let loaded = try DeploymentConfiguration(deployment: deployment, environment: environment).load()
      let checks = try PackageStorage.forChecks(
        loaded.configuration.s3, deployment: deployment, environment: environment,
        logger: Terminal.logger(level: .warning))
      let failed: Int
      do {
        try await checks.storage.prepare()
        failed = await run(on: checks.storage)
      } catch {
        try? await checks.cleanUp()  // the first error says more
        throw error
      }
      try await checks.cleanUp()
      if failed > 0 { throw ExitCode(1) }
    }
  }

  /// Runs all checks, a line each.
  ///
  /// - Returns: How many failed.
  private func run(on storage: PackageStorage) async -> Int {
    Terminal.print("checking \(storage.place)")
    Terminal.print(Self.row("check", "result", "ms"))
    var failed = 0
    for check in BackendConformance.checks {
      let result = await BackendConformance.run(check, on: storage.store)
      let milliseconds = Int((result.duration / .milliseconds(1)).rounded())
      Terminal.print(Self.row(result.name, result.outcome == .passed ? "ok" : "FAILED", "\(milliseconds)"))
      if result.outcome != .passed {
        failed += 1
        Terminal.print("    promised: \(check.promise)")
        Terminal.print("    \(result.message ?? "no reason given")")
      }
    }
    let count = BackendConformance.checks.count
    Terminal.print(failed == 0 ? "all \(count) checks passed" : "\(failed) of \(count) checks failed")
    return failed
  }

  private static func row(_ name: String, _ result: String, _ milliseconds: String) -> String {
    name.padding(toLength: 44, withPad: " ", startingAt: 0)
      + result.padding(toLength: 8, withPad: " ", startingAt: 0)
      + String(repeating: " ", count: max(0, 8 - milliseconds.count)) + milliseconds
  }
}
