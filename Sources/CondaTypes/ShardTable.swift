/// A subdir's shards by package name, kept as the bytes that the shard index has between its braces.
///
///     (msgpack str <package name>, msgpack bin(32) <SHA-256>)…     sorted by the names' bytes
///
/// It is cut into chunks of some 50 KB, so that a change costs one chunk: its bytes are moved, and what was made of it
/// (its compressed form) is made again. The other chunks of an index of 30,000 names stay as they are. Where it is cut
/// depends on the names alone, so tables with the same contents have the same chunks, whatever their history.
public struct ShardTable: Sendable {
  /// Neighbouring entries.
  struct Chunk: Sendable {
    /// The entries as MessagePack.
    var bytes: [UInt8] = []
    /// Where each of them begins.
    var starts: [Int32] = []
    /// What `encodeChunks` made of `bytes`.
    var encoded: [UInt8]?
  }

  /// The first has the names before all those that begin a chunk, perhaps none.
  private var chunks = [Chunk()]
  /// How many shards it has.
  public private(set) var count = 0
  /// How many bytes its entries have.
  public private(set) var byteCount = 0

  static let digestLength = 32
  /// The `bin 8` marker and its length, in front of each digest.
  static let digestHeader: [UInt8] = [0xC4, 32]
  /// One name in so many begins a chunk.
  private static let namesPerChunk: UInt32 = 1024

  /// An empty table.
  public init() {}

  /// The entries as MessagePack, without the map's header.
  public var bytes: [UInt8] { Array(chunks.map(\.bytes).joined()) }

  /// How many bytes it takes in memory, more or less.
  public var memorySize: Int { 2 * byteCount + 4 * count }

  /// Sets a package's shard. In order of names each call appends.
  ///
  /// - Parameter sha256: 32 bytes.
  /// - Returns: Whether it had none before.
  @discardableResult
  public mutating func set(_ name: String, to sha256: [UInt8]) -> Bool {
    precondition(sha256.count == Self.digestLength, "a shard is named by a SHA-256")
    let wanted = Array(name.utf8)
    let place = chunkIndex(of: wanted)
    if chunks[place].replace(wanted, with: sha256) { return false }
    var writer = MessagePack.Writer(capacity: wanted.count + 40)
    writer.appendString(name)
    let entry = writer.bytes + Self.digestHeader + sha256
    count += 1
    byteCount += entry.count
    guard Self.beginsChunk(wanted) else {
      chunks[place].insert(entry, named: wanted)
      return true
    }
    var rest = chunks[place].split(before: wanted)
    rest.insert(entry, named: wanted)
    chunks.insert(rest, at: place + 1)
    return true
  }

  /// Removes a package's shard, if there is one.
  public mutating func remove(_ name: String) {
    let wanted = Array(name.utf8)
    let place = chunkIndex(of: wanted)
    guard let length = chunks[place].remove(wanted) else { return }
    count -= 1
    byteCount -= length
    guard Self.beginsChunk(wanted) else { return }
    let rest = chunks.remove(at: place)
    chunks[place - 1].append(rest)
  }

  /// Makes something of every chunk that changed since the last time, and gives all of it in order.
  ///
  /// - Parameter encode: Makes it of a chunk's bytes; always the same one.
  public mutating func encodeChunks<Failure: Error>(
    _ encode: ([UInt8]) throws(Failure) -> [UInt8]
  ) throws(Failure) -> [[UInt8]] {
    var all: [[UInt8]] = []
    for index in chunks.indices where !chunks[index].bytes.isEmpty {
      let encoded: [UInt8]
      if let known = chunks[index].encoded {
        encoded = known
      } else {
        encoded = try encode(chunks[index].bytes)
      }
      chunks[index].encoded = encoded
      all.append(encoded)
    }
    return all
  }

  private static func beginsChunk(_ name: [UInt8]) -> Bool {
    ChunkBoundary.begins(name, oneIn: namesPerChunk)
  }

  /// The last chunk that begins with this name or an earlier one, or else the first.
  private func chunkIndex(of name: [UInt8]) -> Int {
    var low = 1
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle].compare(name, entry: 0) < 0 { high = middle } else { low = middle + 1 }
    }
    return low - 1
  }
}

extension ShardTable.Chunk {
  /// Below 0 if `name` sorts before the entry's, 0 if it is that name.
  fileprivate func compare(_ name: [UInt8], entry index: Int) -> Int {
    let start = Int(starts[index])
    let headerLength = bytes[start] < 0xC0 ? 1 : (bytes[start] == 0xD9 ? 2 : (bytes[start] == 0xDA ? 3 : 5))
    let end = end(of: index) - ShardTable.digestLength - ShardTable.digestHeader.count
    let present = bytes[start + headerLength..<end]
    for (one, other) in zip(name, present) where one != other { return one < other ? -1 : 1 }
    return name.count - present.count
  }

  private func end(of index: Int) -> Int { index + 1 < starts.count ? Int(starts[index + 1]) : bytes.count }

  /// Where a name is, or belongs.
  private func find(_ name: [UInt8]) -> (index: Int, isPresent: Bool) {
    if let last = starts.indices.last, compare(name, entry: last) > 0 { return (starts.count, false) }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      let order = compare(name, entry: middle)
      if order == 0 { return (middle, true) }
      if order < 0 { high = middle } else { low = middle + 1 }
    }
    return (low, false)
  }

  /// Gives a name another digest; says whether it is there.
  fileprivate mutating func replace(_ name: [UInt8], with digest: [UInt8]) -> Bool {
    let (index, isPresent) = find(name)
    guard isPresent else { return false }
    let end = end(of: index)
    bytes.replaceSubrange(end - digest.count..<end, with: digest)
    encoded = nil
    return true
  }

  /// Puts a new entry in its place.
  fileprivate mutating func insert(_ entry: [UInt8], named name: [UInt8]) {
    let index = find(name).index
    let start = index < starts.count ? Int(starts[index]) : bytes.count
    bytes.insert(contentsOf: entry, at: start)
    starts.insert(Int32(start), at: index)
    move(from: index + 1, by: Int32(entry.count))
    encoded = nil
  }

  /// Takes an entry out; the number of its bytes, or nil if there is none.
  fileprivate mutating func remove(_ name: [UInt8]) -> Int? {
    let (index, isPresent) = find(name)
    guard isPresent else { return nil }
    let range = Int(starts[index])..<end(of: index)
    bytes.removeSubrange(range)
    starts.remove(at: index)
    move(from: index, by: -Int32(range.count))
    encoded = nil
    return range.count
  }

  /// Cuts off and returns what sorts behind a name.
  fileprivate mutating func split(before name: [UInt8]) -> Self {
    let index = find(name).index
    let start = index < starts.count ? Int(starts[index]) : bytes.count
    var rest = Self(bytes: Array(bytes[start...]), starts: Array(starts[index...]))
    rest.move(from: 0, by: -Int32(start))
    if !rest.starts.isEmpty { encoded = nil }
    bytes.removeSubrange(start...)
    starts.removeSubrange(index...)
    return rest
  }

  /// Puts the entries of the next chunk behind these.
  fileprivate mutating func append(_ next: Self) {
    if next.starts.isEmpty { return }
    let offset = Int32(bytes.count)
    bytes += next.bytes
    starts += next.starts.map { $0 + offset }
    encoded = nil
  }

  private mutating func move(from index: Int, by distance: Int32) {
    for later in starts.indices.dropFirst(index) { starts[later] += distance }
  }
}
