import ArgumentParser
import Foundation
import Logging
import Server

/// Not listed in the help: it is for benchmarks (`make bench-fill`).
struct BenchFillCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-fill", abstract: "Fill a channel of a stopped deployment with synthetic records.",
    shouldDisplay: false)

  @Argument(help: "The deployment's folder.")
  var path: String

  @Argument(help: "The channel; made, public, if there is none of that name.")
  var channel: String

  @Option(help: "How many records, all in linux-64.")
  var records = 10_000

  func validate() throws {
    guard (1...10_000_000).contains(records) else {
      throw ValidationError("--records must be from 1 to 10000000")
    }
  }

  func run() async throws {
    try await Terminal.aborting {
      let deployment = Deployment(path: path)
      guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
      let loaded = try DeploymentConfiguration(
        deployment: deployment, environment: ProcessInfo.processInfo.environment
      ).load()
      let server = try await QuetzServer.build(
        deployment: deployment, configuration: loaded.configuration,
        options: ServeOptions(host: "127.0.0.1", port: 0), logger: Logger(label: "quetz"))
      let report = try await FillChannel(server).run(channel: channel, records: records) { count in
        Terminal.warn("\(count) records")
      }
      try await server.close()
      Terminal.print(
        String(
          format: "%d records of %d names: rows %.1f s, shards %.1f s, documents %.1f s", report.records,
          report.names, report.rowSeconds, report.shardSeconds, report.documentSeconds))
    }
  }
}
