import APITypes
import Backends
import CondaArchive
import CondaTypes
import Foundation
import Logging
import Metadata
import NIOPosix

/// Publishing one artifact, from a spooled file to a package that clients can install.
///
/// Steps, in the order that survives a crash anywhere: read and validate → blob (durable) → row (durable) → shard and
/// shard index → 201. A crash in between leaves at worst a blob without a row, which the garbage collection removes.
struct PublishArtifact: Sendable {
  /// What an upload asks for beside its bytes.
  struct Request: Sendable {
    let channel: ChannelRow
    let fileName: String
    /// Whether an artifact of that name may be replaced.
    let force: Bool
    let user: SignedInUser
  }

  /// Up to so many bytes an upload is read and stored within a millisecond or so.
  private static let announcedSize: Int64 = 1 << 20

  let services: Services

  /// An artifact that was read and found sound, ready to be published.
  struct Prepared: Sendable {
    let artifact: ValidatedArtifact
    let file: SpooledFile.Sealed
    /// When its last byte was there.
    let arrived: ContinuousClock.Instant
    /// Lets other uploads share their commit with this one.
    var announced: AnnouncedWrite?
    /// Whether its bytes are in the store, with its digest inside the `BlobGate`: then `publish` must follow.
    var isStored = false
  }

  /// Reads and validates the spooled bytes; publishes nothing.
  ///
  /// - Throws: 400 for a broken archive or a wrong name, 422 for metadata that CEP 26 or 34 rule out.
  func prepare(_ file: SpooledFile.Sealed, fileName: String) async throws -> Prepared {
    try await services.threads.runIfActive { try prepareNow(file, fileName: fileName) }
  }

  /// What `prepare` does. Blocks.
  func prepareNow(_ file: SpooledFile.Sealed, fileName: String) throws -> Prepared {
    let arrived = ContinuousClock.now
    let name = try ArtifactValidation.name(of: fileName)
    let contents: ArtifactContents
    do {
      contents = try file.read { source throws(ArchiveError) in
        try ArtifactReader(limits: ArtifactLimits()).read(source, as: name)
      }
    } catch {
      if case .unreadable(let number) = error { throw SpoolError(errno: number) }
      throw APIError(.invalidArchive, "\(name.fileName) is not a readable package: \(error)")
    }
    let artifact = try ArtifactValidation.validate(contents, as: name)
    try services.spool.requireReserve(adding: file.bytesInMemory)
    return Prepared(artifact: artifact, file: file, arrived: arrived)
  }

  /// Announces the row of an upload whose bytes have come, if nothing will hold it up: `storedNow` takes it from there.
  func announce(size: Int64) -> AnnouncedWrite? {
    guard size <= Self.announcedSize, services.packages is any LocalFileBlobStore else { return nil }
    return services.metadata.announceWrite()
  }

  /// Puts the bytes of a prepared artifact into a store on this machine, while the thread is at it. Blocks.
  ///
  /// Where that cannot be, or fails, `publish` does it, and reports what is wrong.
  func storedNow(_ prepared: Prepared, announced: AnnouncedWrite?) -> Prepared {
    guard let store = services.packages as? any LocalFileBlobStore,
      services.blobGate.tryEnter(prepared.file.sha256)
    else { return prepared }
    do {
      let key = try BlobLayout.key(for: prepared.file.sha256)
      switch prepared.file.bytes {
      case .memory(let buffer): try store.putNow(buffer, at: key)
      case .file(let path):
        try store.putNow(fileAt: path, size: prepared.file.size, at: key)
        prepared.file.noteTaken()
      }
    } catch {
      services.blobGate.leave(prepared.file.sha256)
      return prepared
    }
    var stored = prepared
    stored.isStored = true
    stored.announced = announced
    return stored
  }

  /// Stores and indexes a prepared artifact; when this returns it is durable and installable.
  ///
  /// - Throws: 409 if it exists and `force` is off, 422 over quota, 507 for a full disk.
  func publish(_ prepared: Prepared, _ request: Request) async throws {
    let digest = prepared.file.sha256
    if !prepared.isStored { await services.blobGate.enter(digest) }
    let new: NewArtifact
    let published: PublishedArtifact
    do {
      if !prepared.isStored { try await putBlob(prepared.file) }
      // Its times are those of now, not of the minutes that a large package took to be stored.
      new = row(of: prepared, request)
      published = try await commit(new, of: prepared, request)
    } catch {
      services.blobGate.leave(digest)
      await removeIfUnreferenced(digest)
      throw Self.answer(to: error, request, prepared)
    }
    services.blobGate.leave(digest)
    let cache = services.downloads.cache
    if published.replacedSHA256 == nil {
      cache.forgetDocuments(channelID: new.channelID)
    } else {
      cache.forget(channelID: new.channelID)
    }
    do {
      try await services.indexer.follow(channelID: new.channelID, subdir: new.subdir)
    } catch {
      try await takeBack(new, isReplacement: published.replacedSHA256 != nil, after: error)
      throw error
    }
    services.freshness.reachedShards(
      channelID: new.channelID, subdir: new.subdir, since: prepared.arrived)
    services.packageMetrics.count(upload: new, to: request.channel)
    services.documentBuilder.poke(channelID: new.channelID)
  }

  /// The row is there and its shard could not be written (a full disk, say): a refused upload keeps nothing, so a new
  /// artifact goes again. One that replaced another stays, marked as behind; the index follows by itself.
  private func takeBack(_ artifact: NewArtifact, isReplacement: Bool, after cause: any Error) async throws {
    services.documentBuilder.poke(channelID: artifact.channelID)
    if isReplacement {
      throw APIError(
        .storageUnavailable,
        "the package was replaced, but its index could not be written yet; it follows by itself",
        underlying: cause)
    }
    _ = try await services.metadata.deleteArtifact(
      channelID: artifact.channelID, subdir: artifact.subdir, fileName: artifact.fileName, now: services.now()
    )
    services.downloads.cache.forget(channelID: artifact.channelID)
    await removeIfUnreferenced(artifact.sha256)
  }

  private func putBlob(_ file: SpooledFile.Sealed) async throws {
    let key = try BlobLayout.key(for: file.sha256)
    // On this machine, putting equal bytes in place once more costs less than a question before every upload.
    if !(services.packages is any LocalFileBlobStore), let existing = try? await services.packages.info(key),
      existing.size == file.size
    {
      return
    }
    let source: BlobBody.Source =
      switch file.bytes {
      case .memory(let buffer): .bytes(buffer)
      case .file(let path): .file(path: path, move: true)
      }
    let body = BlobBody(source: source, size: file.size, sha256: file.sha256.hex)
    try await services.packages.put(body, at: key)
    withExtendedLifetime(file) {}
  }

  private func row(of prepared: Prepared, _ request: Request) -> NewArtifact {
    prepared.artifact.row(
      file: ArtifactFileFacts(prepared.file), channel: request.channel, uploaderID: request.user.owner.id,
      now: services.now())
  }

  private func commit(
    _ new: NewArtifact, of prepared: Prepared, _ request: Request
  ) async throws -> PublishedArtifact {
    let artifact = prepared.artifact
    let file = ArtifactFileFacts(prepared.file)
    // Almost always the times are these; then nothing is left to be rendered while all writers wait.
    let expected = RecordTimes(publishedAt: new.now)
    let record = artifact.record(file: file, times: expected)
    return try await services.metadata.publishArtifact(
      new, replacing: request.force, announced: prepared.announced
    ) { times in
      times == expected ? record : artifact.record(file: file, times: times)
    }
  }

  /// A refused upload keeps nothing: bytes that no row refers to go at once, unless another upload is using them.
  private func removeIfUnreferenced(_ digest: Digest) async {
    do {
      try await services.blobGate.remove(digest) {
        _ = try await services.metadata.forgetBlob(digest)
        guard try await !services.metadata.blobExists(sha256: digest) else { return }
        try await services.packages.delete(BlobLayout.key(for: digest))
      }
    } catch {
      services.logger.warning(
        "bytes of a refused upload could not be removed; the garbage collection will",
        metadata: ["blob.digest": "\(digest.hex)", "error.cause": "\(String(reflecting: error))"])
    }
  }

  private static func answer(to error: any Error, _ request: Request, _ prepared: Prepared) -> any Error {
    guard let error = error as? MetadataError else { return error }
    switch error.kind {
    case .conflict:
      return APIError(.artifactExists, "Duplicate", underlying: error)
    case .quotaExceeded(let limit):
      return APIError(.quotaExceeded, "\(request.channel.name) is above quota of \(limit) bytes")
    default:
      return error
    }
  }
}

extension ArtifactFileFacts {
  fileprivate init(_ file: SpooledFile.Sealed) {
    self.init(size: file.size, sha256: file.sha256, md5: file.md5)
  }
}
