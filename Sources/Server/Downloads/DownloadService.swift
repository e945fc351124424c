import APITypes
import Backends
import CondaTypes
package import Metadata

/// From a channel and a path to a file that may be sent.
package struct DownloadService: Sendable {
  let metadata: MetadataStore
  package let cache: ReadCache

  /// The file at `path`, from memory or by one query.
  ///
  /// - Returns: `nil` if the channel has no such file.
  package func resolve(_ path: ChannelFilePath, in channel: ChannelRow) async throws -> ServedFile? {
    if let file = cache.file(path, channelID: channel.id) { return file }
    let generation = cache.generation(channelID: channel.id)
    guard let file = try await look(up: path, in: channel) else { return nil }
    cache.insert(file, at: path, channelID: channel.id, generation: generation)
    return file
  }

  private func look(up path: ChannelFilePath, in channel: ChannelRow) async throws -> ServedFile? {
    switch path {
    case .document(let path):
      guard let row = try await metadata.document(channelID: channel.id, path: path) else { return nil }
      return ServedFile(
        origin: .documents, sha256: row.sha256, size: row.size, modifiedAt: row.modifiedAt,
        contentType: ServedFile.contentType(ofPath: path), caching: .revalidate, artifact: nil)
    case .shard(let subdir, let digest):
      let size = try await metadata.shardExists(channelID: channel.id, subdir: subdir, sha256: digest)
      guard let size else { return nil }
      // Content-addressed: one fixed date is as true as any, and the same on every node.
      return ServedFile(
        origin: .documents, sha256: digest, size: size, modifiedAt: channel.createdAt,
        contentType: "application/zstd", caching: .immutable, artifact: nil)
    case .artifact(let subdir, let fileName):
      let row = try await metadata.resolveArtifact(channelID: channel.id, subdir: subdir, fileName: fileName)
      guard let row else { return nil }
      return ServedFile(
        origin: .packages, sha256: row.sha256, size: row.size, modifiedAt: row.timeModified,
        contentType: ServedFile.contentType(ofPath: fileName),
        caching: row.wasReplaced ? .seconds(channel.ttl) : .immutable,
        artifact: row.key)
    }
  }
}
