package import CondaTypes
import Locks
package import NIOCore

/// The shard indexes made lately, as long as no file has them (decision 0090).
///
/// Every commit of uploads makes one, of a megabyte with 30,000 names, and most are superseded within a second. So they are
/// served from here, and `IndexFiles` writes those that are still current a moment later. Whatever a crash takes from here
/// is made again from the rows (`ShardIndexer.restore`).
///
/// Bounded: per subdir by `ShardWriter`, which drops what nothing refers to any more but for the newest few; in all by
/// `capacity`.
package final class FreshIndexes: Sendable {
  /// How many of a subdir's newest stay though others took their place: a reader may just have been told of them.
  package static let kept = 4

  package struct Index: Sendable {
    let subdir: SubdirKey
    package let digest: Digest
    package let bytes: ByteBuffer
    /// The order in which they were made.
    let number: Int
  }

  /// Bytes, and how many subdirs have them: two that are empty have the same.
  fileprivate struct Held {
    let bytes: ByteBuffer
    var count: Int
  }

  fileprivate struct State {
    /// The oldest first.
    var made: [SubdirKey: [Index]] = [:]
    var held: [Digest: Held] = [:]
    var size = 0
    var number = 0
    /// What the file of a subdir's index is, as far as known.
    var files: [SubdirKey: Digest] = [:]
  }

  private let state = Guarded(State())
  private let capacity: Int

  /// - Parameter capacity: Bytes kept; beyond that the oldest have to be written. One index is kept whatever its size.
  package init(capacity: Int = 64 << 20) { self.capacity = capacity }

  /// The bytes of an index that may not be in a file.
  package func bytes(of digest: Digest) -> ByteBuffer? { state.withLock { $0.held[digest]?.bytes } }

  /// Whether an index can be served from here, whatever its file is like.
  package func contains(_ digest: Digest) -> Bool { state.withLock { $0.held[digest] != nil } }

  /// Keeps an index as a subdir's newest.
  package func add(_ bytes: ByteBuffer, _ digest: Digest, of subdir: SubdirKey) {
    state.withLock { state in
      state.remove(digest, of: subdir)
      state.add(bytes, digest, of: subdir)
    }
  }

  /// The indexes of a subdir that newer ones follow, but for the last few: to be dropped if nothing refers to them.
  package func passed(of subdir: SubdirKey) -> [Digest] {
    state.withLock { $0.made[subdir]?.dropLast(Self.kept).map(\.digest) ?? [] }
  }

  /// The oldest index of all if there is no room for more bytes: to be written, and dropped then.
  package func excess(adding size: Int) -> Index? {
    state.withLock { state in
      guard state.size + size > capacity else { return nil }
      return state.made.values.compactMap(\.first).min { $0.number < $1.number }
    }
  }

  /// Drops an index of a subdir.
  ///
  /// - Returns: Its bytes if nothing here needs them any more.
  @discardableResult
  package func drop(_ digest: Digest, of subdir: SubdirKey) -> ByteBuffer? {
    state.withLock { $0.remove(digest, of: subdir) }
  }

  /// The subdirs with indexes here, of one channel or all.
  package func subdirs(of channelID: Int64? = nil) -> [SubdirKey] {
    state.withLock { state in
      state.made.keys.filter { channelID == nil || $0.channelID == channelID }
    }
  }

  /// Says that an index is in a file, and is the current one: it is not needed here any more, nor is what was made before.
  ///
  /// - Returns: The index whose file it replaces, if known.
  @discardableResult
  package func noteFile(_ digest: Digest, of subdir: SubdirKey) -> Digest? {
    state.withLock { state in
      let made = state.made[subdir] ?? []
      for old in made.prefix((made.firstIndex { $0.digest == digest } ?? -1) + 1) {
        state.remove(old.digest, of: subdir)
      }
      let former = state.files.updateValue(digest, forKey: subdir)
      return former == digest ? nil : former
    }
  }

  /// Forgets a subdir that is gone.
  package func forget(_ subdir: SubdirKey) {
    state.withLock { state in
      for index in state.made[subdir] ?? [] { state.remove(index.digest, of: subdir) }
      state.files[subdir] = nil
    }
  }
}

extension FreshIndexes.State {
  fileprivate mutating func add(_ bytes: ByteBuffer, _ digest: Digest, of subdir: SubdirKey) {
    number += 1
    made[subdir, default: []].append(.init(subdir: subdir, digest: digest, bytes: bytes, number: number))
    if held[digest] == nil { size += bytes.readableBytes }
    held[digest, default: .init(bytes: bytes, count: 0)].count += 1
  }

  @discardableResult
  fileprivate mutating func remove(_ digest: Digest, of subdir: SubdirKey) -> ByteBuffer? {
    guard let position = made[subdir]?.firstIndex(where: { $0.digest == digest }),
      let count = held[digest]?.count
    else { return nil }
    made[subdir]?.remove(at: position)
    if made[subdir]?.isEmpty == true { made[subdir] = nil }
    if count > 1 {
      held[digest]?.count -= 1
      return nil
    }
    let bytes = held.removeValue(forKey: digest)?.bytes
    size -= bytes?.readableBytes ?? 0
    return bytes
  }
}
