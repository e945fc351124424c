/// The path of an entry, made safe and unique: `./info//index.json` is `info/index.json`.
struct EntryPath: Hashable {
  /// UTF-8 segments joined by `/`; empty for the root folder itself.
  let value: String

  /// Checks and normalises a path as it stands in an archive.
  ///
  /// - Throws: `.unsafePath` if it is empty, absolute, too long, or has a `..` segment or a NUL.
  init(_ raw: [UInt8], limit: Int) throws(ArchiveError) {
    func unsafe(_ reason: UnsafePathReason) -> ArchiveError {
      .unsafePath(String(decoding: raw.prefix(256), as: UTF8.self), reason)
    }
    guard let first = raw.first else { throw unsafe(.empty) }
    guard raw.count <= limit else { throw unsafe(.tooLong) }
    guard first != UInt8(ascii: "/") else { throw unsafe(.absolute) }
    guard !raw.contains(0) else { throw unsafe(.nul) }
    let segments = raw.split(separator: UInt8(ascii: "/")).filter { !$0.elementsEqual(".".utf8) }
    guard !segments.contains(where: { $0.elementsEqual("..".utf8) }) else { throw unsafe(.parentSegment) }
    value = String(decoding: Array(segments.joined(separator: "/".utf8)), as: UTF8.self)
  }

  /// Whether the entry is the folder `info` or lies in it.
  var isInfo: Bool { value == "info" || value.hasPrefix("info/") }

  /// The folders the entry lies in, outermost first.
  var parents: [String] {
    value.indices.filter { value[$0] == "/" }.map { String(value[..<$0]) }
  }

  /// Whether a symbolic link here with this target stays inside the package, whatever its target turns out to
  /// be.
  ///
  /// `..` may only stand at the target's beginning: after the name of another link it would not lead back.
  func staysInside(target: String) -> Bool {
    guard !target.isEmpty, !target.hasPrefix("/") else { return false }
    let segments = target.split(separator: "/").filter { $0 != "." }
    let ascents = segments.prefix { $0 == ".." }.count
    let depth = value.split(separator: "/").count - 1
    return ascents <= depth && !segments.dropFirst(ascents).contains("..")
  }
}
