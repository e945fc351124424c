import APITypes
import CondaTypes
package import Foundation
import Locks
package import Metadata

/// What can be done to channels as a whole.
package struct ChannelService: Sendable {
  let metadata: MetadataStore
  let authorizer: Authorizer
  let indexer: ShardIndexer
  let documentBuilder: DocumentBuilder
  let readCache: ReadCache
  /// `storage.soft_delete_channel`.
  let keepsDeleted: Bool
  let now: @Sendable () -> Date
  let known = KnownChannels()

  /// The channel of that name, if this principal may read it.
  ///
  /// - Throws: 404 if there is none (case-insensitive); 401 or 403 if it is private and closed to the principal.
  package func readable(_ name: String, by principal: Principal) async throws -> ChannelRow {
    let channel = try await existing(name)
    try await authorizer.require(.readChannel, on: channel, for: principal)
    return channel
  }

  /// The channel of that name, if this principal may read it and it is of a kind that the route is for.
  ///
  /// - Throws: as `readable(_:by:)`; then 405 for a channel of a kind in `modes`.
  package func readable(
    _ name: String, by principal: Principal, refusing modes: Set<MirrorMode>
  ) async throws -> ChannelRow {
    let channel = try await readable(name, by: principal)
    try channel.refuse(modes)
    return channel
  }

  /// The channel of that name, if this principal may read it and it has artifacts of its own, for an upload.
  ///
  /// From memory as long as its settings stay the same; its `size` may be that of an earlier time.
  ///
  /// - Throws: as `readable(_:by:)`; then 405 for a mirror or a proxy.
  package func uploadTarget(_ name: String, by principal: Principal) async throws -> ChannelRow {
    let stamp = readCache.changes.now
    let channel: ChannelRow
    if let known = known.channel(name, changes: readCache.changes) {
      channel = known
    } else {
      channel = try await existing(name)
      known.insert(channel, as: name, stamp: stamp)
    }
    try await authorizer.require(.readChannel, on: channel, for: principal)
    try channel.refuse([.proxy, .mirror])
    return channel
  }

  /// The channel of that name, whoever asks.
  ///
  /// - Throws: 404 `Channel … not found` with the name as typed.
  package func existing(_ name: String) async throws -> ChannelRow {
    guard let channel = try await metadata.channel(named: name) else { throw APIError.channelNotFound(name) }
    return channel
  }

  /// Creates a channel owned by `owner` and publishes its empty index, so that clients find it at once.
  ///
  /// - Throws: 409 if the name is taken in any case.
  package func create(_ new: NewChannel, owner: UUID) async throws -> ChannelRow {
    let channel: ChannelRow
    do {
      channel = try await metadata.createChannel(new, owner: owner, now: now())
    } catch {
      throw error.kind.isConflict ? APIError(.channelExists, "Channel \(new.name) exists") : error
    }
    // A proxy has no index of its own.
    if channel.mode != .proxy { try await publishEmptyIndex(of: channel) }
    return channel
  }

  /// noarch, its shard index and the channel's own documents: conda takes a 404 on noarch for "not a channel", and
  /// rattler remembers a missing shard index for ever.
  private func publishEmptyIndex(of channel: ChannelRow) async throws {
    try await metadata.ensureSubdir(channelID: channel.id, subdir: "noarch")
    try await indexer.publish(channelID: channel.id, subdir: "noarch")
    try await documentBuilder.buildNow(channelID: channel.id)
  }

  /// Changes what may change about a channel, and returns it as it then is.
  func change(_ channel: ChannelRow, by changes: ChannelChanges) async throws -> ChannelRow {
    let changed = changes.apply(to: channel)
    try await metadata.updateChannel(changed)
    readCache.forget(channelID: channel.id)
    return changed
  }

  /// Removes a channel with everything in it; its bytes follow with the garbage collection.
  package func delete(_ channel: ChannelRow) async throws {
    try await metadata.deleteChannel(id: channel.id, keepingDeleted: keepsDeleted, now: now())
    readCache.forget(channelID: channel.id)
  }
}

/// Channels that were uploaded to lately, by name as typed.
package final class KnownChannels: Sendable {
  private static let capacity = 1000
  private let channels = Guarded<[String: (row: ChannelRow, stamp: ChangeStamps.Stamp)]>([:])

  package init() {}

  func channel(_ name: String, changes: ChangeStamps) -> ChannelRow? {
    guard let known = channels.withLock({ $0[name] }),
      changes.channel(known.row.id).stands(since: known.stamp, isDocument: false)
    else { return nil }
    return known.row
  }

  /// - Parameter stamp: From before it was read.
  func insert(_ row: ChannelRow, as name: String, stamp: ChangeStamps.Stamp) {
    channels.withLock { channels in
      if channels.count >= Self.capacity { channels = [:] }
      channels[name] = (row, stamp)
    }
  }
}

/// How a channel relates to the one it follows; a channel of our own has none.
package enum MirrorMode: String, CaseIterable, Sendable {
  /// Fetches what it is asked for.
  case proxy
  /// Copies, by jobs.
  case mirror
}

extension ChannelRow {
  var mode: MirrorMode? { mirrorMode.flatMap(MirrorMode.init(rawValue:)) }

  /// - Throws: 405 if the channel is of a kind in `modes`.
  func refuse(_ modes: Set<MirrorMode>) throws {
    guard let mode, modes.contains(mode) else { return }
    throw APIError(.channelIsReadOnly, "This method is not implemented for \(mode.rawValue) channels")
  }
}

extension MetadataError.Kind {
  /// Whether a uniqueness rule said no.
  var isConflict: Bool {
    if case .conflict = self { true } else { false }
  }
}
