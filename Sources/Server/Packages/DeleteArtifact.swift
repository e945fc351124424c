import Metadata

/// Deleting artifacts: the rows go in one transaction, then the index follows; the bytes go with the garbage
/// collection, once nothing refers to them.
struct DeleteArtifact: Sendable {
  let services: Services

  private var keepsDeleted: Bool { services.configuration.storage.softDeletePackage }

  /// Removes one artifact.
  func delete(_ artifact: ArtifactRow, in channel: ChannelRow) async throws {
    _ = try await services.metadata.deleteArtifact(
      channelID: channel.id, subdir: artifact.subdir, fileName: artifact.fileName,
      keepingDeleted: keepsDeleted, now: services.now())
    try await services.followChange(of: channel, subdirs: [artifact.subdir])
  }

  /// Removes a package with all its artifacts.
  func deletePackage(_ package: PackageRow, in channel: ChannelRow) async throws {
    let rows = try await services.metadata.artifacts(
      channelID: channel.id, packageName: package.name, createdAtOrAfter: nil)
    try await services.metadata.deletePackage(
      id: package.id, keepingDeleted: keepsDeleted, now: services.now())
    try await services.followChange(of: channel, subdirs: rows.map(\.subdir))
  }
}
