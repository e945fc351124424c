import CondaTypes
import Server
import Testing

@Suite struct ChannelFilePathTests {
  static let hex = String(repeating: "0a", count: 32)

  @Test(arguments: [
    ("", "index.html"), ("index.html", "index.html"), ("channeldata.json", "channeldata.json"),
    ("linux-64", "linux-64/index.html"), ("linux-64/", "linux-64/index.html"),
    ("noarch", "noarch/index.html"),
    ("noarch/repodata.json", "noarch/repodata.json"),
    ("noarch/repodata.json.zst", "noarch/repodata.json.zst"),
    ("noarch/repodata%2ejson", "noarch/repodata.json"), ("%6eoarch/repodata.json", "noarch/repodata.json"),
    ("noarch/repodata_shards.msgpack.zst", "noarch/repodata_shards.msgpack.zst"),
  ])
  func namesADocument(raw: String, path: String) {
    #expect(ChannelFilePath(rawPath: raw[...]) == .document(path: path))
  }

  @Test(arguments: [
    ("noarch/a-1.0-0.conda", "a-1.0-0.conda"), ("noarch/a-1.0-0.tar.bz2", "a-1.0-0.tar.bz2"),
    ("noarch/a-1%211.0+x-0.conda", "a-1!1.0+x-0.conda"), ("noarch/a-1!1.0%2bx-0.conda", "a-1!1.0+x-0.conda"),
    ("noarch/a-1!1.0+x-0.conda", "a-1!1.0+x-0.conda"), ("noarch/%61-1.0-0.conda", "a-1.0-0.conda"),
  ])
  func namesAnArtifactWhicheverWayItIsEscaped(raw: String, fileName: String) {
    #expect(ChannelFilePath(rawPath: raw[...]) == .artifact(subdir: "noarch", fileName: fileName))
  }

  @Test func namesAShard() throws {
    let digest = try Digest(sha256Hex: Self.hex)
    #expect(
      ChannelFilePath(rawPath: "linux-64/shards/\(Self.hex).msgpack.zst")
        == .shard(subdir: "linux-64", sha256: digest))
  }

  @Test func decodesOnceOnly() {
    #expect(
      ChannelFilePath(rawPath: "noarch/a-1%25211-0.conda")
        == .artifact(subdir: "noarch", fileName: "a-1%211-0.conda"))
  }

  @Test(arguments: [
    "/", "//", "/noarch", "noarch//", "noarch//repodata.json", "/etc/passwd", ".", "..", "./", "../", "../x",
    "./noarch/",
    "noarch/.", "noarch/..", "noarch/../channeldata.json", "noarch/%2e%2e", "noarch/%2E%2E", "noarch/.%2e",
    "%2e%2e/x", "%2e%2e%2fx", "noarch%2frepodata.json", "noarch%2Frepodata.json",
    "noarch/..%2f..%2fconfig.toml",
    "noarch\\repodata.json", "noarch/..\\x", "noarch/%5c..%5cx", "noarch/a%00.conda", "%00",
    "noarch/%01.conda",
    "noarch/a%0a.conda", "noarch/a%7f.conda", "noarch/%zz", "noarch/%", "noarch/%2", "noarch/a%c0%ae.conda",
    "noarch/%c0%ae%c0%ae/x", "noarch/%e0%80%ae", "noarch/%ff.conda", "noarch/%ed%a0%80.conda",
    "noarch/repodata.json/", "noarch/repodata.json/x", "noarch/a-1.0-0.conda/", "noarch/shards",
    "noarch/shards/",
    "noarch/shards/x", "noarch/shards/x.msgpack.zst", "noarch/shards/../repodata.json",
    "noarch/shards/\(hex)", "noarch/shards/\(hex).msgpack", "noarch/shards/\(hex)0.msgpack.zst",
    "noarch/shards/\(hex).msgpack.zst/", "noarch/shards/\(hex).msgpack.zst/x",
    "noarch/other/\(hex).msgpack.zst",
    "not a subdir/repodata.json", "Linux-64/repodata.json", "linux_64/a-1.0-0.conda", "a/b/c/d",
    "channeldata.json/",
  ])
  func isNothingElse(raw: String) {
    // `noarch/shards` alone is a document nobody has; everything else must not even parse.
    let parsed = ChannelFilePath(rawPath: raw[...])
    #expect(parsed == nil || parsed == .document(path: "noarch/shards"))
  }

  @Test func refusesSegmentsLongerThanAFileName() {
    #expect(ChannelFilePath(rawPath: "noarch/\(String(repeating: "a", count: 249)).conda"[...]) != nil)
    for count in [250, 5000, 1_000_000] {
      #expect(ChannelFilePath(rawPath: "noarch/\(String(repeating: "a", count: count)).conda"[...]) == nil)
    }
    #expect(ChannelFilePath(rawPath: "noarch/\(String(repeating: "%61", count: 300)).conda"[...]) == nil)
  }

  @Test func acceptsOnlyTheLowerCaseDigestOfAShard() throws {
    let path = ChannelFilePath(rawPath: "noarch/shards/\(Self.hex.uppercased()).msgpack.zst")
    // Either spelling may be read, but both must be the same digest.
    if let path { #expect(path == .shard(subdir: "noarch", sha256: try Digest(sha256Hex: Self.hex))) }
  }
}
