import Backends
import NIOCore

/// What is promised about keys.
enum KeyChecks {
  static let all = [independent, characters, byteEquality, caseSensitive, long]

  private static let independent = ConformanceCheck(
    "keys.independent", "A key may be the beginning of another, also at a `/`."
  ) { store, context in
    try await keep(
      ["a", "a/b", "a/b/c", "a.conda", "a.conda/b", "a.conda/b.txt", "a.conda/b.txt/c"], in: store, context)
  }

  private static let characters = ConformanceCheck(
    "keys.characters",
    "Every character that a key may have is kept as it is, also what looks encoded or hidden."
  ) { store, context in
    try await keep(
      [
        "with space", "plus+plus", "100%", "a%2Fb", "a/b", "%2E", "%", "a%", "a%25", "a%+", "a%+/b",
        "q?u=e&r#y",
        "'single' \"double\" `back`", "back\\slash", "<tag>{brace}[bracket]|^~", ":;,@=$*()!", ".hidden",
        "..a", "a..",
        "...", ".tmp/x", ".tmp", "CON", "ünï/côdé", "中文/日本語", "\u{1F600}", "\u{200F}right", "trailing ",
        " leading",
        "1!2.0+cu118.conda",
      ], in: store, context)
  }

  private static let byteEquality = ConformanceCheck(
    "keys.byteEquality", "Keys that look the same but have different bytes are different keys."
  ) { store, context in
    try await keep(["\u{E9}", "e\u{301}", "\u{FB01}", "fi", "\u{212B}", "\u{C5}"], in: store, context)
  }

  private static let caseSensitive = ConformanceCheck(
    "keys.caseSensitive", "Upper and lower case make different keys."
  ) { store, context in
    try await keep(["readme", "README", "Folder/a", "folder/a", "folder/A"], in: store, context)
  }

  private static let long = ConformanceCheck(
    "keys.long", "A key may have 1,024 bytes: in one segment, in many, in characters of several bytes."
  ) { store, context in
    let room = BlobKey.maximumLength - context.prefix.utf8.count
    let one = String(repeating: "x", count: room)
    try await keep(
      [
        one, String(one.dropLast()), String(one.dropLast()) + "y", String(repeating: "%", count: room),
        String(repeating: "中", count: room / 3), String(repeating: "d/", count: room / 2 - 1) + "e",
        String(repeating: "x", count: 249) + "中", String(repeating: "x", count: 249) + "yyy",
        String(repeating: "x", count: 250),
        String(repeating: "x", count: 250) + "/" + String(repeating: "z", count: 251),
      ], in: store, context)
  }

  /// Puts a blob of its own at each key, finds all by all verbs, and deletes them one by one.
  private static func keep(_ names: [String], in store: any BlobStore, _ context: ConformanceContext)
    async throws
  {
    var keys = try names.map { try context.key($0) }
    let contents = Dictionary(uniqueKeysWithValues: keys.map { ($0, ByteBuffer(string: "bytes of \($0)")) })
    for (key, bytes) in contents { try await store.put(.bytes(bytes), at: key) }
    for (key, bytes) in contents {
      try await store.expect(bytes, at: key)
      try expect(try await store.info(key).key == key, "info of '\(key)' has another key")
    }
    keys.sort()
    while let key = keys.popLast() {
      let listed = try await store.list(prefix: context.prefix).collect().map(\.key)
      try expect(listed == keys + [key], "expected \(keys + [key]), listed \(listed)")
      try await store.delete(key)
    }
  }
}
