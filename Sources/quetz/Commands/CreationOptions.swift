import ArgumentParser
import Foundation
import Server

/// What `create` and `run` have in common.
struct CreationOptions: ParsableArguments {
  @Option(name: .customLong("copy-conf"), help: "Copy this configuration file into the deployment.")
  var copyConf: String?

  @Flag(name: .customLong("create-conf"), inversion: .prefixedNo, help: "Write a fresh config.toml.")
  var createConf = false

  @Flag(
    inversion: .prefixedNo, help: "Replace a deployment that is there (with --create-conf or --copy-conf).")
  var delete = false

  @Flag(inversion: .prefixedNo, help: "Add users, channels, packages and a key to play with.")
  var dev = false

  func creation(of path: String, existsOK: Bool) -> DeploymentCreation {
    DeploymentCreation(
      deployment: Deployment(path: path), copyConfiguration: copyConf, createConfiguration: createConf,
      delete: delete, existsOK: existsOK, development: dev, environment: ProcessInfo.processInfo.environment,
      report: { Terminal.print($0) })
  }
}
