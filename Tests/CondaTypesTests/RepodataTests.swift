import CondaTypes
import Testing

@Suite struct RepodataShardsTests {
  static func record(_ text: String) -> [UInt8] {
    var writer = MessagePack.Writer()
    writer.append(.object(["name": .string(text)]))
    return writer.bytes
  }

  @Test func anEmptyShardHasAllThreeKeys() throws {
    let shard = try MessagePack.decode(RepodataShards.shard(packages: [], condaPackages: [], removed: []))
    #expect(shard.keys == ["packages", "packages.conda", "removed"])
    #expect(
      shard["packages"] == .map([]) && shard["packages.conda"] == .map([]) && shard["removed"] == .array([]))
  }

  @Test func sortsByFileName() throws {
    let shard = try MessagePack.decode(
      RepodataShards.shard(
        packages: [("b-1-0.tar.bz2", Self.record("b")), ("a-1-0.tar.bz2", Self.record("a"))],
        condaPackages: (0..<20).reversed().map { ("c-\(10 + $0)-0.conda", Self.record("c\($0)")) },
        removed: ["z-1-0.conda", "y-1-0.conda"]))
    #expect(shard["packages"]?.keys == ["a-1-0.tar.bz2", "b-1-0.tar.bz2"])
    #expect(shard["packages.conda"]?.keys == (10..<30).map { "c-\($0)-0.conda" })
    #expect(shard["packages.conda"]?["c-13-0.conda"]?["name"] == .string("c3"))
    #expect(shard["removed"] == .array([.string("y-1-0.conda"), .string("z-1-0.conda")]))
  }

  @Test func doesNotDependOnTheOrderOfItsInput() {
    let entries = (0..<5).map { (fileName: "p-\($0)-0.conda", record: Self.record("\($0)")) }
    #expect(
      RepodataShards.shard(packages: [], condaPackages: entries, removed: ["a", "b"])
        == RepodataShards.shard(packages: [], condaPackages: entries.reversed(), removed: ["b", "a"]))
  }

  @Test func putsNewRecordsUnderV3() throws {
    let shard = try MessagePack.decode(
      RepodataShards.shard(
        packages: [], condaPackages: [], removed: [],
        v3: [
          .tarBzip2: [("a-1-0", Self.record("t"))],
          .conda: [("b-1-0", Self.record("b")), ("a-1-0", Self.record("a"))],
        ]))
    #expect(shard.keys == ["packages", "packages.conda", "removed", "v3"])
    #expect(shard["v3"]?.keys == ["conda", "tar.bz2"])
    #expect(shard["v3"]?["conda"]?.keys == ["a-1-0", "b-1-0"])
  }

  @Test func theIndexNamesShardsByBinaryDigest() throws {
    let digest = { (byte: UInt8) in [UInt8](repeating: byte, count: 32) }
    var shards = ShardTable()
    shards.set("numpy", to: digest(2))
    shards.set("_a", to: digest(1))
    let index = try MessagePack.decode(
      RepodataShards.index(subdir: "linux-64", createdAt: "2026-11-22T10:55:07Z", shards: shards))
    #expect(index["version"] == .integer(1))
    #expect(index["info"]?.keys == ["base_url", "created_at", "shards_base_url", "subdir"])
    #expect(
      index["info"]?["base_url"] == .string("") && index["info"]?["shards_base_url"] == .string("./shards/"))
    #expect(index["info"]?["subdir"] == .string("linux-64"))
    #expect(index["info"]?["created_at"] == .string("2026-11-22T10:55:07Z"))
    #expect(
      index["shards"]
        == .map([
          .init(key: .string("_a"), value: .binary(digest(1))),
          .init(key: .string("numpy"), value: .binary(digest(2))),
        ]))
  }
}

@Suite struct RepodataWriterTests {
  @Test func writesAnEmptyDocument() {
    var bytes: [UInt8] = []
    var writer = RepodataWriter(subdir: "noarch")
    writer.begin(into: &bytes)
    writer.finish(into: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"info":{"subdir":"noarch"},"packages":{},"packages.conda":{},"removed":[],"repodata_version":1}"#
    )
  }

  @Test(arguments: [0, 1, 3], [0, 1, 3]) func framesRecords(tarCount: Int, condaCount: Int) throws {
    var text = ""
    var bytes: [UInt8] = []
    // As a streaming caller does: hand the buffer on and empty it after each call.
    func flush() {
      text += String(decoding: bytes, as: UTF8.self)
      bytes.removeAll(keepingCapacity: true)
    }
    var writer = RepodataWriter(subdir: "linux-64")
    writer.begin(into: &bytes)
    for number in 0..<tarCount {
      writer.append(
        fileName: "t-\(number)-0.tar.bz2", record: #"{"n":\#(number)}"#.utf8, format: .tarBzip2, to: &bytes)
      flush()
    }
    for number in 0..<condaCount {
      writer.append(fileName: "c-\(number)-0.conda", record: Array("{}".utf8), format: .conda, to: &bytes)
      flush()
    }
    writer.finish(removed: ["y", "x"], into: &bytes)
    flush()
    let document = try JSONValue(parsing: text.utf8)
    #expect(
      document["packages"]?.asObject?.count == tarCount
        && document["packages.conda"]?.asObject?.count == condaCount)
    #expect(document["removed"] == .array([.string("x"), .string("y")]))
    #expect(document.canonicalText() == text, "keys are in order and nothing is spaced")
  }

  @Test func writesV3AndMoreInfo() throws {
    var bytes: [UInt8] = []
    var writer = RepodataWriter(
      subdir: "noarch", info: ["base_url": .string("../x"), "subdir": .string("other")])
    writer.begin(into: &bytes)
    let records = { (names: [String]) in names.map { (distribution: $0, record: Array("{}".utf8)) } }
    writer.finish(v3: [.conda: records(["b-1-0", "a-1-0"]), .tarBzip2: records(["c-1-0"])], into: &bytes)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == #"{"info":{"base_url":"../x","subdir":"noarch"},"packages":{},"packages.conda":{},"removed":[],"#
        + #""repodata_version":2,"v3":{"conda":{"a-1-0":{},"b-1-0":{}},"tar.bz2":{"c-1-0":{}}}}"#)
  }
}
