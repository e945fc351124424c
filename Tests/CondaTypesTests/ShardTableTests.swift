import CondaTypes
import Testing

@Suite struct ShardTableTests {
  private static func digest(_ number: Int) -> [UInt8] { [UInt8](repeating: UInt8(number % 251), count: 32) }

  /// What the table must hold, worked out the slow way.
  private static func encoded(_ entries: [String: Int]) -> [UInt8] {
    var writer = MessagePack.Writer()
    for (name, number) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      writer.appendString(name)
      writer.appendBinary(digest(number))
    }
    return writer.bytes
  }

  @Test func setsReplacesAndRemovesInAnyOrder() {
    var table = ShardTable()
    var entries: [String: Int] = [:]
    var state: UInt64 = 42
    for step in 0..<3000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let number = Int(state >> 33) % 400
      // Names of every header size, some prefixes of others.
      let name = String(repeating: "x", count: number % 70) + "-\(number / 70)"
      if step % 3 == 2 {
        table.remove(name)
        entries[name] = nil
      } else {
        table.set(name, to: Self.digest(step))
        entries[name] = step
      }
    }
    #expect(table.count == entries.count)
    #expect(table.bytes == Self.encoded(entries))
  }

  @Test func theOrderOfUploadsDoesNotShow() {
    var one = ShardTable()
    var other = ShardTable()
    for number in 0..<100 { one.set("package\(number)", to: Self.digest(number)) }
    for number in (0..<100).reversed() { other.set("package\(number)", to: Self.digest(number)) }
    #expect(one.bytes == other.bytes)
  }

  @Test func tablesWithTheSameContentsAreCutInTheSamePlaces() {
    var state: UInt64 = 7
    var table = ShardTable()
    var entries: [String: Int] = [:]
    for step in 0..<12_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      let name = "package-\(Int(state >> 33) % 9000)"
      if step % 4 == 3 {
        table.remove(name)
        entries[name] = nil
      } else {
        table.set(name, to: Self.digest(step))
        entries[name] = step
      }
    }
    var other = ShardTable()
    for (name, number) in entries { other.set(name, to: Self.digest(number)) }
    let chunks = table.encodeChunks { $0 }
    #expect(chunks.count > 2)
    #expect(chunks == other.encodeChunks { $0 })
    #expect(Array(chunks.joined()) == Self.encoded(entries))
    #expect(table.byteCount == table.bytes.count)
  }

  @Test func onlyAChunkThatChangedIsEncodedAgain() {
    var table = ShardTable()
    for number in 0..<9000 { table.set("package-\(number)", to: Self.digest(number)) }
    let count = table.encodeChunks { $0 }.count
    table.set("package-4321", to: Self.digest(1))
    var encoded = 0
    let chunks = table.encodeChunks { bytes in
      encoded += 1
      return bytes
    }
    #expect(encoded == 1 && chunks.count == count)
    #expect(Array(chunks.joined()) == table.bytes)
  }

  @Test func removingWhatIsNotThereChangesNothing() {
    var table = ShardTable()
    table.remove("a")
    table.set("b", to: Self.digest(1))
    table.remove("a")
    table.remove("c")
    #expect(table.count == 1 && table.bytes == Self.encoded(["b": 1]))
  }
}
