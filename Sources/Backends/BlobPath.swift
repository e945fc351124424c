/// The mapping between keys and paths, below a ``FileSystemStore``'s root and in a bucket; one-to-one and without
/// state. Buckets get the same names because many S3 servers keep objects as files in folders.
///
/// A key's path is the key itself, unless a rule below marks or rewrites a segment with `%`:
///
/// ```
/// key                          path below the root             rule
/// sha256/9f/9f86d081…          sha256/9f/9f86d081…             as it is
/// noarch/a-1.0-0.conda         noarch/a-1.0-0.conda            as it is
/// a                            a%                              1  a blob with a folder's name
/// a/b                          a/b%
/// x.conda/y.txt                x.conda%/y.txt                  1  a folder with a blob's name
/// .tmp/z.bin                   %2Etmp%/z.bin                   2  a name that begins with '.'
/// 100%.txt                     100%25.txt                      3  a name with the mark in it
/// a\b.txt                      a%5Cb.txt                       3  a name with what others take for a '/'
/// ‹300 × x›                    ‹250 × x›%+/‹50 × x›            4  a name longer than file systems allow
/// ```
///
/// 1. A folder and a blob must never need the same name, since keys are independent (`a` and `a/b` can both
///    exist). So a name belongs to blobs if it has a `.` or at least 32 bytes (file names, digests in
///    hexadecimal), else to folders; used the other way round it gets a `%` at its end.
/// 2. Names that begin with `.` are the store's own, or nobody's: `.tmp` holds temporary files.
/// 3. `%` is written `%25`, so that no key can look like a marked one; `\` is written `%5C`, because some S3
///    servers take it for a separator.
/// 4. A name of more than 250 bytes is cut into folders that end in `%+`.
enum BlobPath {
  /// The longest piece of a name, in bytes, without marks; file systems allow 255 with them.
  static let maximumPieceLength = 250
  /// From this many bytes on a name belongs to blobs: MD5 in hexadecimal has 32, SHA-256 has 64.
  private static let blobNameLength = 32

  private static let percent = UInt8(ascii: "%")
  private static let slash = UInt8(ascii: "/")
  private static let backslash = UInt8(ascii: "\\")
  private static let dot = UInt8(ascii: ".")
  private static let continuation = Array("%+".utf8)

  /// What a name found in a folder stands for.
  enum Name: Equatable {
    /// The last segment of a key, or the rest of it.
    case blob([UInt8])
    /// A segment that more segments follow.
    case folder([UInt8])
    /// The beginning of a segment that goes on below.
    case continued([UInt8])
  }

  /// The path of a key, relative to the root.
  static func relativePath(of key: BlobKey) -> String {
    var path: [UInt8] = []
    let segments = key.value.utf8.split(separator: slash)
    for (index, segment) in segments.enumerated() {
      if index > 0 { path.append(slash) }
      let isBlob = index == segments.count - 1
      let pieces = pieces(of: Substring(segment))
      for piece in pieces.dropLast() {
        path += escape(piece) + continuation + [slash]
      }
      guard let last = pieces.last else { continue }
      path += escape(last)
      if belongsToBlobs(last) != isBlob { path.append(percent) }
    }
    return String(decoding: path, as: UTF8.self)
  }

  /// What the paths of all keys that begin with `prefix` begin with; `nil` if no key does.
  ///
  /// Some other paths begin with it, too.
  static func pathPrefix(ofKeysWith prefix: String) -> String? {
    var path: [UInt8] = []
    let segments = prefix.utf8.split(separator: slash, omittingEmptySubsequences: false)
    for (index, segment) in segments.enumerated() {
      let isWhole = index < segments.count - 1
      if segment.isEmpty, isWhole { return nil }
      let pieces = pieces(of: Substring(segment))
      for piece in pieces.dropLast() { path += escape(piece) + continuation + [slash] }
      guard let last = pieces.last else { continue }
      path += escape(last)
      guard isWhole else { continue }
      if belongsToBlobs(last) { path.append(percent) }
      path.append(slash)
    }
    return String(decoding: path, as: UTF8.self)
  }

  /// What a directory entry stands for; `nil` if no key leads to it.
  ///
  /// Says yes to some names that are not ours after all (cut elsewhere than we cut): whoever makes a key of
  /// it checks that the key's path is the one found.
  static func read(_ name: [UInt8], isFolder: Bool) -> Name? {
    if isFolder, name.count > 2, name.suffix(2).elementsEqual(continuation) {
      return unescape(name.dropLast(2)).map { .continued($0) }
    }
    let isMarked = name.last == percent
    guard let raw = unescape(isMarked ? name.dropLast() : name[...]), !raw.isEmpty else { return nil }
    guard isFolder == (belongsToBlobs(raw) == isMarked) else { return nil }
    return isFolder ? .folder(raw) : .blob(raw)
  }

  /// Rule 1.
  private static func belongsToBlobs(_ name: [UInt8]) -> Bool {
    name.count >= blobNameLength || name.contains(dot)
  }

  /// Rules 2 and 3.
  private static func escape(_ piece: [UInt8]) -> [UInt8] {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(piece.count + 2)
    for (index, byte) in piece.enumerated() { escaped += escape(byte, isFirst: index == 0) }
    return escaped
  }

  private static func escape(_ byte: UInt8, isFirst: Bool) -> [UInt8] {
    if byte == percent { return Array("%25".utf8) }
    if byte == backslash { return Array("%5C".utf8) }
    if byte == dot && isFirst { return Array("%2E".utf8) }
    return [byte]
  }

  /// Undoes rules 2 and 3; `nil` for what they never write.
  private static func unescape(_ name: ArraySlice<UInt8>) -> [UInt8]? {
    guard name.first != dot else { return nil }
    var raw: [UInt8] = []
    var rest = name
    while let byte = rest.popFirst() {
      guard byte == percent else {
        raw.append(byte)
        continue
      }
      if rest.starts(with: "25".utf8) {
        raw.append(percent)
      } else if rest.starts(with: "5C".utf8) {
        raw.append(backslash)
      } else if rest.starts(with: "2E".utf8), raw.isEmpty {
        raw.append(dot)
      } else {
        return nil
      }
      rest = rest.dropFirst(2)
    }
    return raw
  }

  /// Rule 4: the segment in one piece if it fits, else cut between characters; never a last piece without
  /// bytes.
  private static func pieces(of segment: Substring) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var piece: [UInt8] = []
    var escapedLength = 0
    for scalar in segment.unicodeScalars {
      let bytes = Array(scalar.utf8)
      var added = bytes.reduce(0) { $0 + escape($1, isFirst: piece.isEmpty).count }
      if escapedLength + added > maximumPieceLength {
        pieces.append(piece)
        piece = []
        escapedLength = 0
        added = bytes.reduce(0) { $0 + escape($1, isFirst: true).count }
      }
      piece += bytes
      escapedLength += added
    }
    return pieces + [piece]
  }
}
