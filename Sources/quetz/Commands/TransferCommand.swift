import ArgumentParser
import Backends
import CondaTypes
import Foundation
import Logging
import Metadata
import Server

struct TransferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Copy a stopped deployment's packages to another store.",
    discussion: """
      A store is "local" (the deployment's own folder) or a configuration file with an [s3] section.
      What is there already, with the right hash, is left alone: run it again after a break.
      Nothing is removed from the old store.
      """)

  @Argument(help: "The deployment's folder.")
  var path: String

  @Option(help: "Where the packages go: \"local\", or a file with an [s3] section.")
  var to: String

  @Option(help: "Where they come from (default: what the deployment's configuration says).")
  var from: String?

  @Option(help: "Packages on their way at the same time.")
  var parallel = 8

  func validate() throws {
    guard (1...256).contains(parallel) else { throw ValidationError("--parallel must be from 1 to 256") }
  }

  func run() async throws {
    try await Terminal.aborting {
      try await withDeploymentDatabase(path) { metadata, configuration in
        let deployment = Deployment(path: path)
        let source = try from.map { try place($0) } ?? StoragePlace(s3: configuration.s3)
        let destination = try place(to)
        guard source.description != destination.description else {
          throw DeploymentError.storage("The two stores are the same: \(source.description).")
        }
        let environment = ProcessInfo.processInfo.environment
        let logger = Terminal.logger(level: .error)
        let stores = try [source, destination].map {
          try PackageStorage.make($0, deployment: deployment, environment: environment, logger: logger)
        }
        for store in stores { try await store.prepare() }
        try await transfer(metadata, from: stores[0], to: stores[1])
        Terminal.print(advice(for: destination))
      }
    }
  }

  private func place(_ word: String) throws -> StoragePlace {
    if word == "local" { return StoragePlace(s3: nil) }
    guard let text = try? String(contentsOfFile: word, encoding: .utf8) else {
      throw DeploymentError.storage("There is no file \(word); a store is \"local\" or a configuration file.")
    }
    return StoragePlace(s3: try ConfigurationLoader.loadS3(toml: text, fileName: word))
  }

  private func transfer(
    _ metadata: MetadataStore, from source: PackageStorage, to destination: PackageStorage
  ) async throws {
    let totals = try await metadata.blobTotals()
    Terminal.print("copying \(totals.count) packages from \(source.place) to \(destination.place)")
    let display = TransferProgress(
      count: totals.count, bytes: totals.bytes, isWatched: Terminal.isWatched,
      write: { Terminal.write($0) })
    let transfer = BlobTransfer(
      from: source.store, to: destination.store, parallel: parallel, report: { display.show($0) })
    var progress = BlobTransfer.Progress()
    var page = try await metadata.blobs(after: nil)
    while let last = page.last {
      progress = try await transfer.run(page.map { BlobTransfer.Blob(sha256: $0.sha256, size: $0.size) })
      page = try await metadata.blobs(after: last.sha256)
    }
    display.finish(progress)
    guard progress.failures.isEmpty else {
      for failure in progress.failures.prefix(20) {
        Terminal.warn("\(failure.blob.sha256.hex): \(failure.error): \(failure.error.message)")
      }
      throw DeploymentError.storage(
        "\(progress.failures.count) packages could not be copied. Run the command again once that is mended.")
    }
  }

  private func advice(for destination: StoragePlace) -> String {
    let change =
      destination.s3 == nil
      ? "remove the [s3] section from config.toml"
      : "put the [s3] section of \(to) into config.toml, in place of any that is there"
    return """
      Every package is there, and was read back. To use the new store: \(change), then `quetz start`.
      The old store still has its packages; remove them when the new one has proven itself.
      """
  }
}
