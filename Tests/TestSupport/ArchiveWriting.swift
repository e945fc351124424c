import CArchive

/// An entry of a tar archive or a member of a ZIP, as a test wants it; nothing is checked.
public struct ArchiveFile: Sendable, Hashable {
  /// What an entry is.
  public enum Kind: Sendable, Hashable {
    /// A regular file with these bytes.
    case file([UInt8])
    /// A folder.
    case folder
    /// A symbolic link to this target.
    case symlink(String)
    /// A hard link to this earlier path.
    case hardLink(String)
    /// A named pipe.
    case fifo
  }

  /// The path as it is written.
  public var path: String
  /// What it is.
  public var kind: Kind

  /// An entry of any kind.
  public init(_ path: String, _ kind: Kind) {
    self.path = path
    self.kind = kind
  }

  /// A regular file with text in it.
  public init(_ path: String, text: String) {
    self.init(path, .file(Array(text.utf8)))
  }
}

/// libarchive could not write what a test asked for.
public struct ArchiveWritingError: Error, CustomStringConvertible {
  /// libarchive's own words.
  public let description: String
}

/// Writes archives in memory with libarchive.
public enum ArchiveWriting {
  /// A ZIP file of regular members.
  ///
  /// - Parameter stored: Whether members are stored; if not, they are deflated.
  public static func zip(_ files: [ArchiveFile], stored: Bool = true) throws -> [UInt8] {
    try write(files) { archive in
      try check(archive_write_set_format_zip(archive), archive)
      try check(
        stored
          ? archive_write_zip_set_compression_store(archive)
          : archive_write_zip_set_compression_deflate(archive),
        archive)
    }
  }

  /// An uncompressed tar archive (ustar, with pax headers where they are needed) that ends with two zero
  /// blocks.
  public static func tar(_ files: [ArchiveFile]) throws -> [UInt8] {
    try write(files) { archive in
      try check(archive_write_set_format_pax_restricted(archive), archive)
    }
  }

  /// One bzip2 stream that holds `bytes`.
  public static func bzip2(_ bytes: [UInt8]) throws -> [UInt8] {
    try write([ArchiveFile("data", .file(bytes))]) { archive in
      try check(archive_write_set_format_raw(archive), archive)
      try check(archive_write_add_filter_bzip2(archive), archive)
    }
  }

  /// One gzip member that holds `bytes`.
  public static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
    try write([ArchiveFile("data", .file(bytes))]) { archive in
      try check(archive_write_set_format_raw(archive), archive)
      try check(archive_write_add_filter_gzip(archive), archive)
    }
  }

  /// The SHA-256 of `bytes` in lower hex, by way of an mtree listing.
  public static func sha256(_ bytes: [UInt8]) throws -> String {
    let listing = try write([ArchiveFile("data", .file(bytes))]) { archive in
      try check(archive_write_set_format_mtree(archive), archive)
      try check(archive_write_set_options(archive, "!all,sha256"), archive)
    }
    let words = String(decoding: listing, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    guard let digest = words.compactMap({ $0.split(separator: "=").last }).first(where: { $0.count == 64 })
    else {
      throw ArchiveWritingError(description: "libarchive wrote no SHA-256")
    }
    return String(digest)
  }

  private static func write(
    _ files: [ArchiveFile], configure: (OpaquePointer) throws -> Void
  ) throws -> [UInt8] {
    guard let archive = archive_write_new() else { throw ArchiveWritingError(description: "no memory") }
    defer { archive_write_free(archive) }
    try configure(archive)
    try check(archive_write_set_bytes_per_block(archive, 64 << 10), archive)
    try check(archive_write_set_bytes_in_last_block(archive, 1), archive)
    let output = ArchiveOutput()
    let status = withExtendedLifetime(output) {
      archive_write_open(archive, Unmanaged.passUnretained(output).toOpaque(), nil, appendToOutput, nil)
    }
    try check(status, archive)
    for file in files {
      try append(file, to: archive)
    }
    try check(archive_write_close(archive), archive)
    return output.bytes
  }

  private static func append(_ file: ArchiveFile, to archive: OpaquePointer) throws {
    guard let entry = archive_entry_new() else { throw ArchiveWritingError(description: "no memory") }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, file.path)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_mtime(entry, 1_700_000_000, 0)
    archive_entry_set_filetype(entry, UInt32(0o100000))
    archive_entry_set_size(entry, 0)
    var content: [UInt8] = []
    switch file.kind {
    case .file(let bytes):
      content = bytes
      archive_entry_set_size(entry, Int64(bytes.count))
    case .folder: archive_entry_set_filetype(entry, UInt32(0o040000))
    case .fifo: archive_entry_set_filetype(entry, UInt32(0o010000))
    case .symlink(let target):
      archive_entry_set_filetype(entry, UInt32(0o120000))
      archive_entry_set_symlink(entry, target)
    case .hardLink(let target): archive_entry_set_hardlink(entry, target)
    }
    try check(archive_write_header(archive, entry), archive)
    let written = content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
    guard written == content.count else { throw failure(archive) }
  }

  private static func check(_ status: Int32, _ archive: OpaquePointer) throws {
    guard status >= ARCHIVE_WARN else { throw failure(archive) }
  }

  private static func failure(_ archive: OpaquePointer) -> ArchiveWritingError {
    ArchiveWritingError(description: archive_error_string(archive).map { String(cString: $0) } ?? "unknown")
  }
}

private final class ArchiveOutput {
  var bytes: [UInt8] = []
}

private func appendToOutput(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?, _ bytes: UnsafeRawPointer?, _ count: Int
) -> Int {
  guard let context, let bytes else { return -1 }
  let output = Unmanaged<ArchiveOutput>.fromOpaque(context).takeUnretainedValue()
  output.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
  return count
}
