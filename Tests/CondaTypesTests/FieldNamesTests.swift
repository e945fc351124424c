import CondaTypes
import Testing

@Suite struct BuildStringTests {
  @Test(arguments: ["0", "py312h1234567_0", "PY_0", "a.b+c", String(repeating: "b", count: 64)])
  func readsBuildStrings(text: String) throws {
    #expect(try BuildString(parsing: text).value == text)
  }

  @Test(arguments: ["", "a-b", "a b", "a/b", "..\u{0}", "é", "a!", String(repeating: "b", count: 65)])
  func refusesOthers(text: String) {
    #expect(throws: ParseError.self) { try BuildString(parsing: text) }
  }

  @Test func keepsCase() throws {
    #expect(try BuildString(parsing: "A") != BuildString(parsing: "a"))
    #expect(try BuildString(parsing: "A") < BuildString(parsing: "a"))
  }
}

@Suite struct SubdirTests {
  @Test(arguments: ["noarch", "linux-64", "osx-arm64", "zos-z", "emscripten-wasm32"])
  func readsSubdirs(text: String) throws {
    #expect(try Subdir(parsing: text).value == text)
  }

  @Test(arguments: [
    "", "linux", "Linux-64", "linux-", "-64", "linux-64-x", "linux_64", "../x", "..", "linux-64/..",
    "noarch\u{0}",
    "lіnux-64", "Noarch", String(repeating: "a", count: 30) + "-64",
  ])
  func refusesOthers(text: String) {
    #expect(throws: ParseError.self) { try Subdir(parsing: text) }
  }

  @Test func knowsNoarch() throws {
    #expect(try Subdir(parsing: "noarch") == .noarch)
    #expect(try Subdir(parsing: "linux-64") < .noarch)
  }
}

@Suite struct ChannelNameTests {
  @Test(arguments: ["a", "conda-forge", "Channel.0", "0", "a.b.c", "a-", String(repeating: "c", count: 50)])
  func readsChannelNames(text: String) throws {
    #expect(try ChannelName(parsing: text).value == text)
  }

  @Test(arguments: [
    "", ".", "..", "a..b", ".a", "-a", "a_b", "a b", "a/b", "a%2e", "ä", "a\u{0}", "\u{441}onda",
    String(repeating: "c", count: 51),
  ])
  func refusesOthers(text: String) {
    #expect(throws: ParseError.self) { try ChannelName(parsing: text) }
  }

  @Test func foldsForLookUpAndKeepsTheSpelling() throws {
    let name = try ChannelName(parsing: "Conda-Forge")
    #expect(name.folded == "conda-forge")
    #expect("\(name)" == "Conda-Forge")
  }
}

@Suite struct DigestTests {
  @Test func readsAndWritesHexadecimal() throws {
    let hex = String(repeating: "0Af9", count: 16)
    let digest = try Digest(sha256Hex: hex)
    #expect(digest.hex == hex.lowercased())
    #expect(digest.bytes.prefix(2) == [0x0A, 0xF9])
    #expect(try Digest(algorithm: .sha256, bytes: digest.bytes) == digest)
    #expect(try Digest(md5Hex: String(repeating: "0", count: 32)).bytes == Array(repeating: 0, count: 16))
  }

  @Test(arguments: ["", "0", String(repeating: "0", count: 63), String(repeating: "0", count: 65)])
  func refusesAnotherLength(hex: String) {
    #expect(throws: ParseError.self) { try Digest(sha256Hex: hex) }
    #expect(throws: ParseError.self) { try Digest(md5Hex: hex) }
  }

  @Test(arguments: ["g", "+", "\u{0}", "١"]) func refusesOtherCharacters(character: String) {
    let hex = String(repeating: "0", count: 64 - character.utf8.count) + character
    #expect(throws: ParseError.self) { try Digest(sha256Hex: hex) }
  }

  @Test func refusesAWrongNumberOfBytes() {
    #expect(throws: ParseError.self) { try Digest(algorithm: .md5, bytes: [1, 2, 3]) }
  }
}
