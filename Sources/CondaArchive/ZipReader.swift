import CArchive

/// The contents of a ZIP file's members, read by libarchive, which checks their CRC-32.
///
/// libarchive must see exactly the members that `ZipDirectory` saw: two readers that disagree mean a crafted
/// file.
final class ZipReader {
  private let reader: LibArchive
  private let members: [ZipMember]
  private var position = 0

  /// Opens the ZIP file; `members` are in the order in which they lie in it.
  init(file: ArchiveSource, members: [ZipMember]) throws(ArchiveError) {
    self.members = members
    reader = try LibArchive(source: nil)
    archive_read_support_format_zip_seekable(reader.handle)
    let status =
      switch file.storage {
      case .file(let descriptor): archive_read_open_fd(reader.handle, descriptor, 128 << 10)
      case .memory(let bytes): archive_read_open_memory(reader.handle, bytes.baseAddress, bytes.count)
      }
    guard status == ARCHIVE_OK else { throw reader.failure(Self.damaged) }
  }

  /// Goes to the next member.
  func openNext() throws(ArchiveError) -> ZipMember {
    guard let entry = try reader.nextHeader(toleratesWarnings: false, Self.damaged) else {
      throw .zipDamaged(detail: "fewer members than the directory lists")
    }
    let member = members[position]
    position += 1
    let name = archive_entry_pathname(entry).map { String(cString: $0) } ?? ""
    guard name.utf8.elementsEqual(member.name), archive_entry_size(entry) == member.size else {
      throw .zipHeadersDisagree(member: member.displayName)
    }
    return member
  }

  /// The next bytes of the current member; `nil` at its end, when its checksum was right.
  func nextBlock() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    try reader.nextBlock(Self.damaged)?.bytes
  }

  /// Checks that there is no further member.
  func finish() throws(ArchiveError) {
    guard try reader.nextHeader(toleratesWarnings: false, Self.damaged) == nil else {
      throw .zipDamaged(detail: "more members than the directory lists")
    }
  }

  private static func damaged(_ detail: String) -> ArchiveError {
    .zipDamaged(detail: detail)
  }
}
