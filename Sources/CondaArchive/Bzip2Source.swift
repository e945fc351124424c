import CArchive

/// The content of a file of one or more bzip2 streams, without tar's view of it: every byte up to the end of
/// the file is accounted for.
final class Bzip2Source: ByteSource {
  private let reader: LibArchive
  private let inputSize: Int64

  /// Opens the streams in `file`.
  ///
  /// - Throws: `.notBzip2` if the file does not begin with a stream, or is compressed more than once.
  init(file: ArchiveSource) throws(ArchiveError) {
    inputSize = file.size
    reader = try LibArchive(source: file)
    archive_read_support_filter_bzip2(reader.handle)
    archive_read_support_format_raw(reader.handle)
    guard reader.open() == ARCHIVE_OK else { throw reader.failure { _ in .notBzip2 } }
    // The filters found are bzip2 and, at the end of the chain, the file itself.
    guard archive_filter_count(reader.handle) == 2,
      archive_filter_code(reader.handle, 0) == ARCHIVE_FILTER_BZIP2
    else { throw .notBzip2 }
    guard try reader.nextHeader(toleratesWarnings: false, { .damaged(.bzip2, detail: $0) }) != nil else {
      throw .notBzip2
    }
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    if let block = try reader.nextBlock({ .damaged(.bzip2, detail: $0) }) { return block.bytes }
    // libarchive ends at the first bytes that do not look like another stream, whatever they are.
    guard archive_filter_bytes(reader.handle, -1) == inputSize else { throw .trailingBytes(.bzip2) }
    return nil
  }
}
