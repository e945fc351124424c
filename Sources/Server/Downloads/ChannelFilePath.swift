package import CondaTypes

/// What a path below a channel names, parsed strictly: nothing that is not one of these can leave the channel.
///
/// ```
/// ""  "index.html"                        the channel's own page
/// "channeldata.json"                      a document of the channel
/// "linux-64"  "linux-64/"                 the subdir's page
/// "linux-64/repodata.json.zst"            a document of the subdir
/// "linux-64/shards/<sha256>.msgpack.zst"  a shard (CEP 16)
/// "linux-64/a-1.0-0.conda"                an artifact
/// ```
package enum ChannelFilePath: Hashable, Sendable {
  /// A derived file; `path` is its name in the database.
  case document(path: String)
  case shard(subdir: String, sha256: Digest)
  case artifact(subdir: String, fileName: String)

  /// Parses the raw rest of a URL path (still percent-encoded, without the slash before it).
  ///
  /// Each segment is decoded once and by itself; empty segments, `.` and `..`, slashes, backslashes and control
  /// characters in a decoded segment, malformed escapes and segments over 255 bytes are `nil`. `+` and `!` are
  /// themselves. A folder, with or without its slash, is its `index.html`.
  package init?(rawPath: Substring) {
    if rawPath.isEmpty {
      self = .document(path: "index.html")
      return
    }
    var segments: [String] = []
    for raw in rawPath.split(separator: "/", omittingEmptySubsequences: false) {
      guard raw.utf8.count <= 255 * 3, let segment = PercentEncoding.decode(raw) else { return nil }
      segments.append(segment)
    }
    let isFolder = segments.last?.isEmpty ?? false
    if isFolder { segments.removeLast() }
    guard !segments.isEmpty, segments.count <= 3, segments.allSatisfy(Self.isPlain) else { return nil }
    guard let parsed = Self(segments: segments, isFolder: isFolder) else { return nil }
    self = parsed
  }

  private init?(segments: [String], isFolder: Bool) {
    switch (segments.count, isFolder) {
    case (1, true):
      guard (try? Subdir(parsing: segments[0])) != nil else { return nil }
      self = .document(path: segments[0] + "/index.html")
    case (1, false):
      let isSubdir = (try? Subdir(parsing: segments[0])) != nil
      self = .document(path: isSubdir ? segments[0] + "/index.html" : segments[0])
    case (2, false):
      guard (try? Subdir(parsing: segments[0])) != nil else { return nil }
      let isArtifact = ArtifactFormat.allCases.contains { segments[1].hasSuffix($0.fileExtension) }
      self =
        isArtifact
        ? .artifact(subdir: segments[0], fileName: segments[1])
        : .document(path: segments[0] + "/" + segments[1])
    case (3, false):
      let suffix = ".msgpack.zst"
      guard segments[1] == "shards", (try? Subdir(parsing: segments[0])) != nil,
        segments[2].hasSuffix(suffix),
        let digest = try? Digest(sha256Hex: String(segments[2].dropLast(suffix.count)))
      else { return nil }
      self = .shard(subdir: segments[0], sha256: digest)
    default:
      return nil
    }
  }

  private static func isPlain(_ segment: String) -> Bool {
    guard !segment.isEmpty, segment.utf8.count <= 255, segment != ".", segment != ".." else { return false }
    return segment.utf8.allSatisfy {
      $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
    }
  }
}
