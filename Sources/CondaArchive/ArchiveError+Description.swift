import Foundation

extension ArchiveError: CustomStringConvertible {
  /// A stable identifier in snake case, for API clients and metrics.
  public var code: String {
    switch self {
    case .unreadable: "unreadable_file"
    case .emptyFile: "empty_file"
    case .notBzip2: "not_bzip2"
    case .notZip: "not_zip"
    case .zipEndMissing: "zip_end_missing"
    case .zipDamaged: "zip_damaged"
    case .zipHeadersDisagree: "zip_headers_disagree"
    case .zipHiddenBytes: "zip_hidden_bytes"
    case .compressedMember: "compressed_member"
    case .encryptedMember: "encrypted_member"
    case .unexpectedMember: "unexpected_member"
    case .duplicateMember: "duplicate_member"
    case .repeatedMember(let member): "repeated_\(member.rawValue)_member"
    case .missingMember(let member): "missing_\(member.rawValue)_member"
    case .wrongMemberName: "wrong_member_name"
    case .badMetadataJSON: "bad_metadata_json"
    case .notZstd: "not_zstd"
    case .damaged(let layer, _): "\(layer.rawValue)_damaged"
    case .trailingBytes(let layer): "bytes_after_\(layer.rawValue)"
    case .unsafePath(_, let reason): "unsafe_path_\(reason.rawValue)"
    case .linkLeavesPackage: "link_leaves_package"
    case .notRegularFile: "not_a_regular_file"
    case .notAFolder: "not_a_folder"
    case .unsupportedEntryType: "unsupported_entry_type"
    case .sparseFile: "sparse_file"
    case .duplicateInfoFile: "duplicate_info_file"
    case .missingIndexJSON: "missing_index_json"
    case .tooManyEntries: "too_many_entries"
    case .infoFileTooLarge: "info_file_too_large"
    case .infoTooLarge: "info_too_large"
    case .expandsTooMuch: "expands_too_much"
    case .expansionRatioTooHigh: "expansion_ratio_too_high"
    case .tookTooLong: "took_too_long"
    }
  }

  /// What was found, what was expected, and what to do, in one sentence for whoever made the artifact.
  public var description: String {
    containerDescription ?? entryDescription ?? limitDescription ?? code
  }

  private var containerDescription: String? {
    switch self {
    case .unreadable(let reason): "the file cannot be read: \(String(cString: strerror(reason)))"
    case .emptyFile: "the file is empty"
    case .notBzip2: "not a .tar.bz2: expected one layer of bzip2 compression"
    case .notZip: "not a .conda: expected a ZIP file"
    case .zipEndMissing:
      "the ZIP directory at the end is missing: the file is cut, or something was appended to it"
    case .zipDamaged(let detail): "the ZIP container is damaged: \(detail)"
    case .zipHeadersDisagree(let member): "'\(member)' has a header that the ZIP directory contradicts"
    case .zipHiddenBytes(let offset, let count): "\(count) bytes at offset \(offset) belong to no ZIP member"
    case .compressedMember(let member): "'\(member)' is compressed by ZIP: expected a stored member (CEP 35)"
    case .encryptedMember(let member): "'\(member)' is encrypted: expected a stored member (CEP 35)"
    case .unexpectedMember(let member):
      "'\(member)' has no place in a .conda: expected metadata.json, info-… and pkg-….tar.zst only (CEP 35)"
    case .duplicateMember(let member): "'\(member)' is twice in the ZIP directory"
    case .repeatedMember(let member): "more than one \(member.rawValue) member: expected one (CEP 35)"
    case .missingMember(let member): "no \(member.rawValue) member: expected one (CEP 35)"
    case .wrongMemberName(let found, let expected): "a member is named '\(found)': expected '\(expected)'"
    case .badMetadataJSON(let detail): "metadata.json is not {\"conda_pkg_format_version\": 2}: \(detail)"
    case .notZstd(let member): "'\(member)' is not compressed with zstd"
    case .damaged(let layer, let detail): "the \(layer.rawValue) data is damaged or cut: \(detail)"
    case .trailingBytes(let layer): "there are bytes after the end of the \(layer.rawValue) data"
    default: nil
    }
  }

  private var entryDescription: String? {
    switch self {
    case .unsafePath(let path, .absolute): "the path '\(path)' is absolute: expected one inside the package"
    case .unsafePath(let path, .parentSegment):
      "the path '\(path)' has a '..': expected one inside the package"
    case .unsafePath(_, .empty): "a path is empty"
    case .unsafePath(_, .nul): "a path holds a NUL byte"
    case .unsafePath(let path, .tooLong): "the path '\(path)…' is too long"
    case .linkLeavesPackage(let path, let target):
      "the link '\(path)' points to '\(target)', outside the package"
    case .notRegularFile(let path): "'\(path)' is not a regular file"
    case .notAFolder(let path): "'\(path)' is not a folder: entries may not lie behind links"
    case .unsupportedEntryType(let path): "'\(path)' is neither a file nor a folder nor a link"
    case .sparseFile(let path): "'\(path)' is a sparse file: expected one without holes"
    case .duplicateInfoFile(let path): "'\(path)' is there twice"
    case .missingIndexJSON: "there is no info/index.json"
    default: nil
    }
  }

  private var limitDescription: String? {
    switch self {
    case .tooManyEntries(let limit): "more than \(limit) entries"
    case .infoFileTooLarge(let path, let limit): "'\(path)' is larger than \(limit) bytes"
    case .infoTooLarge(let limit): "the files in info/ are larger than \(limit) bytes together"
    case .expandsTooMuch(let limit): "expands to more than \(limit) bytes"
    case .expansionRatioTooHigh(let limit): "expands to more than \(Int(limit)) times its size"
    case .tookTooLong(let limit): "reading took longer than \(limit)"
    default: nil
    }
  }
}
