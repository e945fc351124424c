import CArchive
import Foundation

/// One entry of a tar archive.
struct ArchiveEntry {
  /// What an entry is.
  enum Kind: Equatable {
    case file
    case folder
    case symlink(target: String)
    case hardLink(target: EntryPath)
  }

  /// Where it lies.
  let path: EntryPath
  /// What it is.
  let kind: Kind
  /// Bytes of its content as the header declares them.
  let size: Int64
}

/// A tar archive's entries, one after the other, up to the last byte of the data they come from.
final class ArchiveEntryStream {
  private let reader: LibArchive
  private let source: MeteredSource
  private let limits: ArtifactLimits
  private var entryCount = 0

  /// Opens the archive that `source` holds.
  init(_ source: MeteredSource, limits: ArtifactLimits) throws(ArchiveError) {
    self.source = source
    self.limits = limits
    reader = try LibArchive(source: TarGuard(source))
    archive_read_support_format_tar(reader.handle)
    guard reader.open() == ARCHIVE_OK else { throw reader.failure(Self.damaged) }
  }

  /// The next entry, its path and its links checked; `nil` at the end of the archive.
  func next() throws(ArchiveError) -> ArchiveEntry? {
    guard let header = try reader.nextHeader(toleratesWarnings: true, Self.damaged) else { return nil }
    entryCount += 1
    guard entryCount <= limits.maxEntries else { throw .tooManyEntries(limit: limits.maxEntries) }
    let path = try EntryPath(Self.bytes(archive_entry_pathname(header)), limit: limits.maxPathLength)
    return ArchiveEntry(path: path, kind: try kind(of: header, at: path), size: archive_entry_size(header))
  }

  /// The content of the entry that `next` returned last.
  ///
  /// - Throws: `.infoFileTooLarge` above `limit` bytes; `.notRegularFile` if it has holes.
  func content(of entry: ArchiveEntry, limit: Int64) throws(ArchiveError) -> [UInt8] {
    let tooLarge = ArchiveError.infoFileTooLarge(path: entry.path.value, limit: limit)
    guard entry.size <= limit else { throw tooLarge }
    var content: [UInt8] = []
    while let block = try reader.nextBlock(Self.damaged) {
      guard block.offset == Int64(content.count) else { throw .notRegularFile(entry.path.value) }
      guard Int64(content.count + block.bytes.count) <= limit else { throw tooLarge }
      content.append(contentsOf: block.bytes)
    }
    guard Int64(content.count) == entry.size else { throw .notRegularFile(entry.path.value) }
    return content
  }

  /// Checks what follows the last entry: the two zero blocks that end an archive, and nothing but zeros after
  /// them.
  func finish() throws(ArchiveError) {
    let end = archive_filter_bytes(reader.handle, 0)
    while try source.next() != nil {}
    guard source.contentEnd <= end else { throw .trailingBytes(.tar) }
    guard source.count - source.contentEnd >= 1024 else {
      throw .damaged(.tar, detail: "the end-of-archive mark is missing")
    }
  }

  private func kind(of header: OpaquePointer, at path: EntryPath) throws(ArchiveError) -> ArchiveEntry.Kind {
    if let target = archive_entry_hardlink(header) {
      return .hardLink(target: try EntryPath(Self.bytes(target), limit: limits.maxPathLength))
    }
    switch archive_entry_filetype(header) & 0o170000 {
    case 0o100000: return .file
    case 0o040000: return .folder
    case 0o120000:
      let target = Self.bytes(archive_entry_symlink(header))
      guard target.count <= limits.maxPathLength else { throw .unsafePath(path.value, .tooLong) }
      return .symlink(target: String(decoding: target, as: UTF8.self))
    default: throw .unsupportedEntryType(path.value)
    }
  }

  private static func bytes(_ string: UnsafePointer<CChar>?) -> [UInt8] {
    guard let string else { return [] }
    return Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))
  }

  private static func damaged(_ detail: String) -> ArchiveError {
    .damaged(.tar, detail: detail)
  }
}
