import Backends
import CondaTypes
import Foundation
import Logging
import Metadata

/// What the jobs do (quetz-api.md §7.2). Every one may run twice.
struct ChannelJobs: Sendable {
  let services: Services
  let collectGarbage: CollectGarbage

  /// - Throws: `JobImpossible` if trying again cannot help.
  func run(_ job: JobRow) async throws {
    guard let manifest = JobManifest(rawValue: job.name) else {
      throw JobImpossible("there is no job called \(job.name)")
    }
    for channel in try await channels(of: job) {
      try Task.checkCancellation()
      try await run(manifest, on: channel, job)
    }
    // Bytes lie under their digests and belong to no channel: once is enough for all of them.
    switch manifest {
    case .storeCleanup: try await collectGarbage.collect()
    case .storeCleanupDryRun: try await reportGarbage()
    default: break
    }
  }

  private func channels(of job: JobRow) async throws -> [ChannelRow] {
    guard let id = job.job.channelID else {
      let all = try await services.metadata.allChannels()
      guard let spec = job.job.itemsSpec.map(ItemsSpec.init(parsing:)) else { return all }
      var chosen: [ChannelRow] = []
      for channel in all where try await spec.matchesSomething(in: channel, services.metadata) {
        chosen.append(channel)
      }
      return chosen
    }
    return try await services.metadata.channel(id: id).map { [$0] } ?? []
  }

  private func run(_ manifest: JobManifest, on channel: ChannelRow, _ job: JobRow) async throws {
    switch manifest {
    case .synchronize, .synchronizeRepodata, .synchronizeMetrics:
      throw JobImpossible("this version keeps the records of mirrors and cannot synchronise them yet")
    case .generateIndexes:
      try await generateIndexes(of: channel)
    case .reindex:
      try await services.metadata.recomputeChannel(id: channel.id)
      try await generateIndexes(of: channel)
    case .validatePackages:
      try await validatePackages(of: channel, actor: job.job.ownerID)
    case .databaseCleanup:
      let names = try await services.metadata.deleteEmptyPackages(channelID: channel.id, now: services.now())
      report("packages without artifacts were removed", channel, names)
      if !names.isEmpty { try await generateIndexes(of: channel) }  // channeldata.json named them
    case .databaseCleanupDryRun:
      let names = try await services.metadata.emptyPackages(channelID: channel.id)
      report("packages without artifacts would be removed", channel, names)
    case .storeCleanup, .storeCleanupDryRun:
      break
    }
  }

  /// Makes every index file again, from the rows.
  private func generateIndexes(of channel: ChannelRow) async throws {
    if channel.mode == .proxy { return }  // it serves the index of the channel it follows
    for subdir in try await services.metadata.subdirs(channelID: channel.id) {
      try await services.metadata.markAllStale(channelID: channel.id, subdir: subdir)
      try await services.indexer.publish(channelID: channel.id, subdir: subdir)
    }
    try await services.documentBuilder.buildNow(channelID: channel.id)
  }

  /// Removes the rows of artifacts whose bytes are missing from the store or have another size.
  ///
  /// A store that cannot be reached ends the job instead: it says nothing about the bytes.
  private func validatePackages(of channel: ChannelRow, actor: UUID?) async throws {
    var last: (subdir: String, fileName: String) = ("", "")
    var subdirs: Set<String> = []
    while true {
      let page = try await services.metadata.storedFiles(channelID: channel.id, after: last, limit: 1000)
      for file in page where try await !isSound(file) {
        services.logger.warning(
          "an artifact without sound bytes was removed",
          metadata: ["channel.name": "\(channel.name)", "file": "\(file.subdir)/\(file.fileName)"])
        _ = try await services.metadata.deleteArtifact(
          channelID: channel.id, subdir: file.subdir, fileName: file.fileName, actor: actor,
          now: services.now())
        subdirs.insert(file.subdir)
      }
      guard let end = page.last else { break }
      last = (end.subdir, end.fileName)
    }
    if subdirs.isEmpty { return }
    services.downloads.cache.forget(channelID: channel.id)
    for subdir in subdirs.sorted() {
      try await services.indexer.publish(channelID: channel.id, subdir: subdir)
    }
    services.documentBuilder.poke(channelID: channel.id)
  }

  private func isSound(_ file: StoredFile) async throws -> Bool {
    do {
      return try await services.packages.info(BlobLayout.key(for: file.sha256)).size == file.size
    } catch let error as BlobStoreError where error.kind == .notFound {
      return false
    }
  }

  private func reportGarbage() async throws {
    let lifetime = services.configuration.storage.unreferencedBlobLifetime
    let end = services.now().addingTimeInterval(-TimeInterval(lifetime.components.seconds))
    let digests = try await services.metadata.unreferencedBlobs(olderThan: end, limit: 10_000)
    services.logger.info("unreferenced files would be removed", metadata: ["count": "\(digests.count)"])
  }

  private func report(_ message: String, _ channel: ChannelRow, _ names: [String]) {
    if names.isEmpty { return }
    services.logger.info(
      "\(message)",
      metadata: ["channel.name": "\(channel.name)", "packages": "\(names.joined(separator: " "))"])
  }
}
