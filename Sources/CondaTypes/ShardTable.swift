import Foundation

/// A subdir's shards by package name, kept as the bytes that the shard index has between its braces.
///
///     (msgpack str <package name>, msgpack bin(32) <SHA-256>)…     sorted by the names' bytes
///
/// So an index of 30,000 names costs a copy rather than 30,000 encodings, a changed shard costs its 32 bytes, and a new
/// name one move of what sorts behind it.
public struct ShardTable: Sendable {
  /// The entries as MessagePack, without the map's header.
  public private(set) var bytes: [UInt8] = []
  /// Where each entry begins.
  private var starts: [Int32] = []

  private static let digestLength = 32
  /// The `bin 8` marker and its length, in front of each digest.
  private static let digestHeader: [UInt8] = [0xC4, 32]

  /// An empty table.
  public init() {}

  /// How many shards it has.
  public var count: Int { starts.count }

  /// Sets a package's shard. In order of names each call appends.
  ///
  /// - Parameter sha256: 32 bytes.
  public mutating func set(_ name: String, to sha256: [UInt8]) {
    precondition(sha256.count == Self.digestLength, "a shard is named by a SHA-256")
    let (index, isPresent) = find(name)
    if isPresent {
      let end = end(of: index)
      bytes.replaceSubrange(end - Self.digestLength..<end, with: sha256)
      return
    }
    var entry = MessagePack.Writer(capacity: name.utf8.count + 40)
    entry.appendString(name)
    let added = entry.bytes + Self.digestHeader + sha256
    let start = index < starts.count ? Int(starts[index]) : bytes.count
    bytes.insert(contentsOf: added, at: start)
    starts.insert(Int32(start), at: index)
    move(from: index + 1, by: Int32(added.count))
  }

  /// Removes a package's shard, if there is one.
  public mutating func remove(_ name: String) {
    let (index, isPresent) = find(name)
    guard isPresent else { return }
    let range = Int(starts[index])..<end(of: index)
    bytes.removeSubrange(range)
    starts.remove(at: index)
    move(from: index, by: -Int32(range.count))
  }

  private mutating func move(from index: Int, by distance: Int32) {
    for later in starts.indices.dropFirst(index) { starts[later] += distance }
  }

  private func end(of index: Int) -> Int { index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count }

  /// Where a name is, or belongs.
  private func find(_ name: String) -> (index: Int, isPresent: Bool) {
    let wanted = Array(name.utf8)
    if let last = starts.indices.last, compare(wanted, entry: last) > 0 { return (starts.count, false) }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      let order = compare(wanted, entry: middle)
      if order == 0 { return (middle, true) }
      if order < 0 { high = middle } else { low = middle + 1 }
    }
    return (low, false)
  }

  /// Below 0 if `name` sorts before the entry's, 0 if it is that name.
  private func compare(_ name: [UInt8], entry index: Int) -> Int {
    let start = Int(starts[index])
    let headerLength = bytes[start] < 0xC0 ? 1 : (bytes[start] == 0xD9 ? 2 : (bytes[start] == 0xDA ? 3 : 5))
    let end = end(of: index) - Self.digestLength - Self.digestHeader.count
    let present = bytes[start + headerLength..<end]
    for (one, other) in zip(name, present) where one != other { return one < other ? -1 : 1 }
    return name.count - present.count
  }
}
