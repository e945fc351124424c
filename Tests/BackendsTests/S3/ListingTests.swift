import Backends
import HTTPTypes
import NIOCore
import Testing

@Suite("S3: listing objects")
struct S3ListingTests {
  static func object(_ key: String) -> String {
    "<Contents><Key>\(key)</Key><Size>1</Size><LastModified>2026-11-26T11:22:33.500Z</LastModified></Contents>"
  }
  static func page(_ content: String, next: String? = nil) -> ScriptedTransport.Answer {
    let rest =
      next.map { "<IsTruncated>true</IsTruncated><NextContinuationToken>\($0)</NextContinuationToken>" } ?? ""
    return .xml("<ListBucketResult><EncodingType>url</EncodingType>\(content)\(rest)</ListBucketResult>")
  }

  @Test func encodedKeysAreDecodedSortedAndForeignOnesLeftOut() async throws {
    let keys = [
      "quetz/b%2Bc.conda", "quetz/a+b.conda", "quetz/100%2525.txt", "quetz/%25zz", "elsewhere/x.conda",
    ]
    let bench = try S3Bench([Self.page(keys.map(Self.object).joined())])
    let listed = try await bench.store.list(prefix: "").collect().map(\.key.value)
    #expect(listed == ["100%.txt", "a b.conda", "b+c.conda"])
  }

  @Test func aLargeBucketIsWalkedFolderByFolder() async throws {
    func folder(_ name: String) -> String { "<CommonPrefixes><Prefix>\(name)</Prefix></CommonPrefixes>" }
    let bench = try S3Bench([
      Self.page(Self.object("quetz/a/x.conda"), next: "t"),
      Self.page(folder("quetz/b/") + folder("quetz/a/"), next: "t1"), Self.page("", next: "t2"),
      Self.page(Self.object("quetz/a-b.conda")),
      Self.page(Self.object("quetz/a/x.conda")), Self.page(Self.object("quetz/b/y.conda")),
    ])
    let listed = try await bench.store.list(prefix: "").collect().map(\.key.value)
    #expect(listed == ["a-b.conda", "a/x.conda", "b/y.conda"])
    #expect(bench.transport.unused == 0)
  }

  @Test func aListingThatGoesInCirclesEnds() async throws {
    let loop = Self.page(Self.object("quetz/a.conda"), next: "t")
    let bench = try S3Bench([loop, loop, loop, loop])
    #expect(await S3Bench.kind { _ = try await bench.store.list(prefix: "").collect() } == .unexpected)
  }

  @Test func emptyFoldersAreSweptFromTheDeepestOnAndNothingElse() async throws {
    func empty(_ key: String) -> String { "<Contents><Key>\(key)</Key><Size>0</Size></Contents>" }
    let none = ScriptedTransport.Answer.status(204, "", [:])
    let bench = try S3Bench([
      Self.page(empty("quetz/a/") + empty("quetz/b.conda"), next: "t"),
      Self.page(empty("quetz/a/b/") + Self.object("quetz/c/")), none, none,
    ])
    #expect(try await bench.store.sweepFolders() == 2)
    #expect(bench.transport.sent.dropFirst(2).map(\.path) == ["/bucket/quetz/a/b/", "/bucket/quetz/a/"])
  }

  @Test func anEmptyListingIsNoError() async throws {
    let bench = try S3Bench([Self.page("")])
    #expect(try await bench.store.list(prefix: "x").collect().isEmpty)
  }

  @Test(arguments: [
    "", "<html><body>hello</body></html>", "<ListBucketResult>", "no xml at all",
    "<!DOCTYPE a [<!ENTITY x \"xx\"><!ENTITY y \"&x;&x;&x;\">]><ListBucketResult><Contents><Key>&y;</Key></Contents></ListBucketResult>",
    "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><ListBucketResult/>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    String(repeating: "<a>", count: 1000) + String(repeating: "</a>", count: 1000),
    "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
  ])
  func whatIsNoListingIsRefused(_ text: String) async throws {
    let bench = try S3Bench([.xml(text)])
    #expect(await S3Bench.kind { _ = try await bench.store.list(prefix: "").collect() } == .unexpected)
  }

  @Test func anEndlessDocumentIsNotRead() async throws {
    let bench = try S3Bench([.xml("<ListBucketResult>" + String(repeating: "<a/>", count: 3 << 20))])
    #expect(await S3Bench.kind { _ = try await bench.store.list(prefix: "").collect() } == .unexpected)
  }
}
