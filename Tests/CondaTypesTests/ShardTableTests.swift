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

  @Test func removingWhatIsNotThereChangesNothing() {
    var table = ShardTable()
    table.remove("a")
    table.set("b", to: Self.digest(1))
    table.remove("a")
    table.remove("c")
    #expect(table.count == 1 && table.bytes == Self.encoded(["b": 1]))
  }
}
