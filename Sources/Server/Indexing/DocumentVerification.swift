import CondaTypes
import Foundation
import Logging
import Metadata
import NIOPosix
import ServiceLifecycle

/// Looks at every derived file once after a reboot, while the server runs, and has made again what is damaged or missing.
///
/// Goes through the digests in their order, some at a time: memory does not grow with their number. That all were looked at
/// is written down last, so a crash leaves everything to be looked at again.
package struct DocumentVerification: Service {
  /// How many files are looked at in one go.
  private static let pageSize = 100

  private let metadata: MetadataStore
  private let readCache: ReadCache
  private let trust: DocumentTrust
  private let freshIndexes: FreshIndexes
  private let indexer: ShardIndexer
  private let documentBuilder: DocumentBuilder
  private let threads: NIOThreadPool
  private let logger: Logger

  /// - Parameter threads: For work that gives way to requests.
  init(_ services: Services, threads: NIOThreadPool) {
    metadata = services.metadata
    readCache = services.downloads.cache
    trust = services.documentTrust
    freshIndexes = services.freshIndexes
    indexer = services.indexer
    documentBuilder = services.documentBuilder
    self.threads = threads
    logger = services.logger
  }

  /// Ends once everything was looked at. After a failure (a full disk, say) it begins anew in a while.
  package func run() async throws {
    await cancelWhenGracefulShutdown {
      while !trust.isComplete, !Task.isCancelled {
        do {
          try await verify()
        } catch {
          if Task.isCancelled { return }  // the next start looks at them
          logger.error(
            "looking at the derived files failed; trying again soon",
            metadata: ["error.cause": "\(String(reflecting: error))"])
          do { try await Task.sleep(for: .seconds(60)) } catch { return }
        }
      }
    }
  }

  /// One whole verification.
  package func verify() async throws {
    let start = ContinuousClock.now
    logger.info("looking at all derived files, once after a reboot")
    var count = 0
    var lost: [Int64: Set<String>] = [:]
    var last: Digest?
    while true {
      let page = try await metadata.allDocumentDigests(after: last, limit: Self.pageSize)
      guard let end = page.last else { break }
      lost.merge(try await subdirs(losing: removeDamaged(in: page))) { $0.union($1) }
      count += page.count
      last = end
    }
    for (channelID, subdirs) in lost.sorted(by: { $0.key < $1.key }) {
      try await remake(subdirs, channelID: channelID)
    }
    try await metadata.setValue(BootID.settingValue, of: BootID.settingName)
    trust.complete()
    let duration = (ContinuousClock.now - start) / .milliseconds(1)
    logger.info(
      "all derived files were looked at",
      metadata: ["file.count": "\(count)", "duration_ms": "\(Int(duration))"])
  }

  /// The files of a page that are missing, those included that were damaged and are so now. An index that is in memory gets
  /// its file from there.
  private func removeDamaged(in page: [Digest]) async throws -> [Digest] {
    try Task.checkCancellation()
    return try await threads.runGivingWay { [trust, freshIndexes] in
      try page.filter { digest in
        let isSound = try freshIndexes.contains(digest) || trust.proof.holds(digest)
        trust.advance(to: digest)
        return !isSound
      }
    }
  }

  /// The subdirs that these files are missing from. Where only former indexes name one, that is forgotten: its clients get
  /// a 404, and ask for the index again.
  private func subdirs(losing digests: [Digest]) async throws -> [Int64: Set<String>] {
    if digests.isEmpty { return [:] }
    for channelID in try await metadata.forgetRetiredShards(digests) {
      readCache.forget(channelID: channelID)
    }
    return try await metadata.subdirs(withFiles: digests)
  }

  private func remake(_ subdirs: Set<String>, channelID: Int64) async throws {
    guard let channel = try await metadata.channel(id: channelID) else { return }
    for subdir in subdirs.sorted() {
      logger.warning(
        "derived files are missing or damaged; making them again",
        metadata: ["channel.name": "\(channel.name)", "channel.subdir": "\(subdir)"])
      do {
        try await indexer.remake(channelID: channelID, subdir: subdir)
      } catch let error as MetadataError where error.kind == .notFound {
        return  // deleted meanwhile
      }
    }
    documentBuilder.poke(channelID: channelID)
  }
}
