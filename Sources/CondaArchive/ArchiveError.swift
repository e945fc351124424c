/// Why an artifact is refused: one case per thing that can be wrong, with the values it is about.
public enum ArchiveError: Error, Sendable, Hashable {
  // MARK: The file

  /// The file cannot be opened or read; `errno` says why. The only case that is not the artifact's fault.
  case unreadable(errno: Int32)
  /// The file has no bytes.
  case emptyFile
  /// A `.tar.bz2` does not begin with one bzip2 stream.
  case notBzip2
  /// A `.conda` does not begin with a ZIP member.
  case notZip

  // MARK: The ZIP container of a .conda

  /// The ZIP directory at the end of the file is missing: the file is cut, or has something appended.
  case zipEndMissing
  /// The ZIP structure contradicts itself, or a member's checksum is wrong.
  case zipDamaged(detail: String)
  /// A member's own header and the ZIP directory disagree.
  case zipHeadersDisagree(member: String)
  /// Bytes of the file belong to no member.
  case zipHiddenBytes(offset: Int64, count: Int64)
  /// A member is compressed by the ZIP container; CEP 35 wants it stored.
  case compressedMember(String)
  /// A member is encrypted.
  case encryptedMember(String)
  /// A member that a `.conda` does not have.
  case unexpectedMember(String)
  /// The same member name twice.
  case duplicateMember(String)
  /// More than one `info-…` or `pkg-…` member.
  case repeatedMember(CondaMember)
  /// One of the three members is not there.
  case missingMember(CondaMember)
  /// The `info-…` or `pkg-…` member is named after another artifact.
  case wrongMemberName(found: String, expected: String)
  /// `metadata.json` is not an object with `"conda_pkg_format_version": 2`.
  case badMetadataJSON(detail: String)

  // MARK: Compression and tar

  /// A member does not hold a zstd frame.
  case notZstd(member: String)
  /// Compressed data or a tar header is broken or ends too early.
  case damaged(ArchiveLayer, detail: String)
  /// Bytes follow the end of the compressed data or of the tar archive.
  case trailingBytes(ArchiveLayer)

  // MARK: Entries

  /// An entry's path, or a hard link's target, could leave the folder it is unpacked in.
  case unsafePath(String, UnsafePathReason)
  /// A link inside `info/` points outside the package.
  case linkLeavesPackage(path: String, target: String)
  /// A metadata file is a folder or a link.
  case notRegularFile(String)
  /// An entry lies behind a link, or `info` is not a folder.
  case notAFolder(String)
  /// A device, a FIFO or a socket.
  case unsupportedEntryType(String)
  /// A file with holes: its map can take more memory than its content.
  case sparseFile(String)
  /// A metadata file is there twice.
  case duplicateInfoFile(String)
  /// `info/index.json` is not there.
  case missingIndexJSON

  // MARK: Limits

  /// More entries than `limit`.
  case tooManyEntries(limit: Int)
  /// A metadata file is larger than `limit` bytes.
  case infoFileTooLarge(path: String, limit: Int64)
  /// The whole of `info/` is larger than `limit` bytes.
  case infoTooLarge(limit: Int64)
  /// More than `limit` bytes after decompression.
  case expandsTooMuch(limit: Int64)
  /// More than `limit` bytes after decompression for each byte before.
  case expansionRatioTooHigh(limit: Double)
  /// Reading took longer than `limit`.
  case tookTooLong(limit: Duration)
}

/// The three members of a `.conda` (CEP 35).
public enum CondaMember: String, Sendable, Hashable, CaseIterable {
  /// `metadata.json`
  case metadata
  /// `info-<name>-<version>-<build>.tar.zst`
  case info
  /// `pkg-<name>-<version>-<build>.tar.zst`
  case pkg
}

/// The encodings that lie around an artifact's files.
public enum ArchiveLayer: String, Sendable, Hashable {
  /// RFC 8878.
  case zstd
  /// The compression of a `.tar.bz2`.
  case bzip2
  /// POSIX.1-2001 pax, and the older forms that libarchive reads.
  case tar
}

/// What is unsafe about a path in an archive.
public enum UnsafePathReason: String, Sendable, Hashable {
  /// Begins with `/`.
  case absolute
  /// Has a `..` segment.
  case parentSegment = "parent_segment"
  /// Names nothing.
  case empty
  /// Holds a NUL byte.
  case nul
  /// Longer than `ArtifactLimits.maxPathLength`.
  case tooLong = "too_long"
}
