import ArgumentParser
import Foundation
import Logging
import Server
import UnixSignals

/// What `start` and `run` have in common.
struct ServingOptions: ParsableArguments {
  @Option(help: "The port to listen on; 0 takes any free one.")
  var port = 8000

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Flag(name: .customLong("proxy-headers"), inversion: .prefixedNo, help: "Accepted for upstream's scripts.")
  var proxyHeaders = true

  @Option(
    name: .customLong("log-level"),
    help:
      "critical, error, warning, info, debug or trace (default: QUETZ_LOG_LEVEL, then config.toml, then info)."
  )
  var logLevel: String?

  @Flag(inversion: .prefixedNo, help: "Accepted for upstream's scripts; a Swift binary does not reload.")
  var reload = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
    if let logLevel, LoggingConfiguration.level(named: logLevel) == nil {
      throw ValidationError("--log-level must be critical, error, warning, info, debug or trace")
    }
  }

  /// Serves until SIGTERM or SIGINT.
  func serve(_ path: String) async throws {
    let deployment = Deployment(path: path)
    guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
    let environment = ProcessInfo.processInfo.environment
    let loaded = try DeploymentConfiguration(deployment: deployment, environment: environment).load()
    let logger = makeLogger(loaded.configuration, environment)
    for warning in loaded.warnings { logger.warning("\(warning)") }
    let server = try await QuetzServer.build(
      deployment: deployment, configuration: loaded.configuration,
      options: ServeOptions(host: host, port: port) { host, port in
        Terminal.print("Quetz serves \(deployment.root) at http://\(host):\(port)")
      },
      logger: logger, environment: environment)
    try await server.run(until: [.sigterm, .sigint])
  }

  private func makeLogger(_ configuration: ServerConfiguration, _ environment: [String: String]) -> Logger {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "quetz")
    let named = (logLevel ?? environment["QUETZ_LOG_LEVEL"]).flatMap(LoggingConfiguration.level)
    logger.logLevel = named ?? configuration.logging.level
    return logger
  }
}
