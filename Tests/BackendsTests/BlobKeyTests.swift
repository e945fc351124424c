import Backends
import Testing

@Suite struct BlobKeyTests {
  @Test(arguments: [
    "a", "a/b", "sha256/9f/9f86d081884c7d65", "...", ".hidden", "a..b", "with space", "%", "中文", "\u{AD}",
    String(repeating: "x", count: 1024), String(repeating: "\u{E9}", count: 512),
  ])
  func keepsAValidKeyAsItIs(_ text: String) throws {
    #expect(try Array(BlobKey(text).value.utf8) == Array(text.utf8))
  }

  @Test(arguments: [
    "", "/", "/a", "a/", "a//b", ".", "..", "a/./b", "a/../b", "../a", "a/..", "a\0b", "a\nb", "a\u{7F}",
    "a\u{85}b",
    String(repeating: "x", count: 1025), String(repeating: "\u{E9}", count: 513),
  ])
  func refusesAnInvalidKey(_ text: String) {
    #expect { try BlobKey(text) } throws: { ($0 as? BlobStoreError)?.kind == .invalidKey }
  }

  @Test func ordersByBytes() throws {
    let sorted = [
      "A", "a", "a!", "a-b", "a.b", "a/b", "a0", "e\u{301}", "z", "\u{E9}", "\u{FFFD}", "\u{1F600}",
    ]
    #expect(try sorted.reversed().map { try BlobKey($0) }.sorted().map(\.value) == sorted)
  }

  @Test func tellsCanonicallyEquivalentTextsApart() throws {
    let (composed, decomposed) = (try BlobKey("\u{E9}"), try BlobKey("e\u{301}"))
    #expect(composed.value == decomposed.value)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(!decomposed.hasPrefix("\u{E9}"))
    #expect(decomposed.hasPrefix("e"))
  }

  @Test func errorsTellTheKeyOnlyWhenDebugged() throws {
    let error = BlobStoreError(.notFound, key: try BlobKey("secret/name"), message: "no file at /srv/x")
    #expect("\(error)" == "blob not found")
    #expect(String(reflecting: error).contains("secret/name"))
    #expect(String(reflecting: error).contains("/srv/x"))
    #expect(!error.isRetryable)
    #expect(BlobStoreError(.unavailable, message: "").isRetryable)
  }
}
