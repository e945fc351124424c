import Foundation
import HTTPTypes
import S3Signer

/// The mapping between blob keys and keys of objects in the bucket; one-to-one.
///
/// An object's key is the configured prefix and the path that ``BlobPath`` makes of the blob's key, so that
/// servers which keep objects as files in folders can hold every blob: they cannot have `a` beside `a/b`, some
/// lose `.` or `\`, and most have names of 255 bytes at most. Digests stay as they are:
///
/// ```
/// blob key                 object key, with the prefix quetz/
/// sha256/9f/9f86d081…      quetz/sha256/9f/9f86d081…
/// a                        quetz/a%
/// ‹1,000 bytes of a/a/…›   quetz/a%/a%/…/%~‹SHA-256 of the blob key›
/// ```
///
/// The last is for keys that would be longer than S3's 1,024 bytes: cut off at a `/`, with the whole key in the
/// object's metadata, as `x-amz-meta-blob-key-0`, `-1`, … (Base64 in pieces that all servers take).
struct ObjectNames: Sendable {
  private static let longest = 1024
  private static let mark = "%~"
  private static let digestLength = 64
  private static let metadataName = "x-amz-meta-blob-key-"
  private static let metadataPiece = 200

  /// What all keys of the store's objects begin with.
  let prefix: String

  /// What an object's key stands for.
  enum Meaning: Equatable {
    case blob(BlobKey)
    /// The metadata has the blob's key.
    case shortened
    /// The object is none of ours.
    case foreign
  }

  /// The key of a blob's object, and the metadata that goes with it.
  func objectKey(of key: BlobKey) -> (name: String, metadata: [NamedValue]) {
    let path = BlobPath.relativePath(of: key)
    guard prefix.utf8.count + path.utf8.count > Self.longest else { return (prefix + path, []) }
    let room = Self.longest - prefix.utf8.count - Self.mark.utf8.count - Self.digestLength
    let name = prefix + Self.folder(of: path, within: room) + Self.mark + Self.digest(of: key)
    return (name, Self.metadata(of: key))
  }

  /// What an object's key stands for.
  func meaning(of objectKey: String) -> Meaning {
    guard objectKey.utf8.starts(with: prefix.utf8) else { return .foreign }
    let path = objectKey.utf8.dropFirst(prefix.utf8.count)
    var segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard let last = segments.popLast() else { return .foreign }
    if last.starts(with: Self.mark.utf8), last.count == Self.mark.utf8.count + Self.digestLength {
      return .shortened
    }
    guard let folder = Self.keyPrefix(of: segments),
      case .blob(let rest) = BlobPath.read(Array(last), isFolder: false),
      let text = String(validating: folder + rest, as: UTF8.self), let key = try? BlobKey(text),
      BlobPath.relativePath(of: key).utf8.elementsEqual(path)
    else { return .foreign }
    return .blob(key)
  }

  /// The bytes that all blob keys below a folder of the bucket begin with; `nil` if none of ours is there.
  ///
  /// - Parameter folder: Ends in `/`.
  func keyPrefix(ofFolder folder: String) -> [UInt8]? {
    guard folder.utf8.starts(with: prefix.utf8) else { return nil }
    let path = folder.utf8.dropFirst(prefix.utf8.count)
    return Self.keyPrefix(
      of: path.dropLast().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false))
  }

  /// What the object keys of all blobs whose keys begin with `blobPrefix` begin with; `nil` if there can be
  /// none. Short enough to find those with shortened names.
  func listingPrefix(for blobPrefix: String) -> String? {
    guard let path = BlobPath.pathPrefix(ofKeysWith: blobPrefix) else { return nil }
    let room = Self.longest - prefix.utf8.count - Self.mark.utf8.count - Self.digestLength
    // Wherever a name was cut, there was a `/` within the longest name before it.
    let safe = room - BlobPath.maximumPieceLength - 4
    return prefix + (path.utf8.count > safe ? Self.folder(of: path, within: safe) : path)
  }

  /// Whether an object with a shortened name is that of `key`.
  func isShortened(_ objectKey: String, of key: BlobKey) -> Bool { self.objectKey(of: key).name == objectKey }

  // MARK: - Metadata

  private static func metadata(of key: BlobKey) -> [NamedValue] {
    let text = Array(Data(key.value.utf8).base64EncodedString())
    return stride(from: 0, to: text.count, by: metadataPiece).enumerated().map { index, start in
      NamedValue(metadataName + String(index), String(text[start..<min(start + metadataPiece, text.count)]))
    }
  }

  /// The blob's key that an object's metadata has, if it has one.
  static func blobKey(fromMetadata fields: HTTPFields) -> String? {
    var text = ""
    for index in 0..<32 {
      guard let piece = fields[named: metadataName + String(index)] else { break }
      text += piece
    }
    return text.isEmpty ? nil : Data(base64Encoded: text).flatMap { String(validating: $0, as: UTF8.self) }
  }

  // MARK: - Paths

  private static func digest(of key: BlobKey) -> String {
    Hex.encode(SHA256Hasher.digest(of: key.value.utf8))
  }

  /// The path up to the last `/` among its first bytes.
  private static func folder(of path: String, within room: Int) -> String {
    let beginning = path.utf8.prefix(max(0, room))
    guard let slash = beginning.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[...slash])
  }

  private static func keyPrefix(of segments: [Substring.UTF8View]) -> [UInt8]? {
    var key: [UInt8] = []
    for segment in segments {
      switch BlobPath.read(Array(segment), isFolder: true) {
      case .folder(let name): key += name + [UInt8(ascii: "/")]
      case .continued(let piece): key += piece
      case .blob, nil: return nil
      }
    }
    return key
  }
}
