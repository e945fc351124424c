import Testing

@testable import Backends

@Suite struct BlobPathTests {
  static let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
  static let x250 = String(repeating: "x", count: 250)

  @Test(arguments: [
    ("sha256/9f/\(digest)", "sha256/9f/\(digest)"),
    ("linux-64/numpy-1.26.4-py312_0.conda", "linux-64/numpy-1.26.4-py312_0.conda"),
    ("noarch/repodata_shards.msgpack.zst", "noarch/repodata_shards.msgpack.zst"),
    ("a", "a%"), ("a/b", "a/b%"), ("x.conda/y.txt", "x.conda%/y.txt"), ("\(digest)/a.b", "\(digest)%/a.b"),
    (".tmp/z.bin", "%2Etmp%/z.bin"), (".tmp", "%2Etmp"), ("100%.txt", "100%25.txt"), ("%2E.a", "%252E.a"),
    (x250, x250), (x250 + "y", x250 + "%+/y%"), (x250 + "/a.b", x250 + "%/a.b"),
    (x250 + "y/a.b", x250 + "%+/y/a.b"),
    (String(repeating: "中", count: 84), String(repeating: "中", count: 83) + "%+/中%"),
  ])
  func putsAKeyAtItsPath(key: String, path: String) throws {
    #expect(BlobPath.relativePath(of: try BlobKey(key)) == path)
  }

  @Test func noNameIsTooLongForAFileSystem() throws {
    for character in ["x", "%", ".", "中", "\u{1F600}", "a/"] {
      let count = BlobKey.maximumLength / character.utf8.count
      let key = try BlobKey(
        String(repeating: character, count: count - 1) + "zz".suffix(character.utf8.count))
      let path = BlobPath.relativePath(of: key)
      for name in path.split(separator: "/") { #expect(name.utf8.count <= 255) }
      #expect(path.utf8.count < 3500)
    }
  }

  /// Keys over a small alphabet of the troublesome characters meet each other's paths if any two do.
  @Test func noPathIsNeededTwice() throws {
    let alphabet = ["a", "%", ".", "/", "+", "2", "E"]
    var texts = [""]
    var paths: [String: String] = [:]
    var folders: Set<String> = []
    for _ in 1...5 {
      texts = texts.flatMap { text in alphabet.map { text + $0 } }
      for text in texts {
        guard let key = try? BlobKey(text) else { continue }
        let path = BlobPath.relativePath(of: key)
        #expect(paths.updateValue(text, forKey: path) == nil, "\(text) and another lie at \(path)")
        var parent = StoreFolders.parent(of: path)
        while !parent.isEmpty {
          folders.insert(parent)
          parent = StoreFolders.parent(of: parent)
        }
      }
    }
    #expect(paths.count > 5000)
    #expect(folders.isDisjoint(with: paths.keys), "a folder and a blob need the same name")
    #expect(!paths.keys.contains { $0.hasPrefix(".") })
  }

  @Test(arguments: [".tmp", ".", "a", "a.b%", "x%zz", "%", "a%2E.b", "a.%+"])
  func takesForeignFileNamesForNoBlob(_ name: String) {
    #expect(BlobPath.read(Array(name.utf8), isFolder: false) == nil)
  }
}
