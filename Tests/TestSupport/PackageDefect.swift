import CondaArchive
public import CondaTypes

/// One way in which a package can be bad, to run the same table against the reader and against the upload
/// routes.
public struct PackageDefect: Sendable, CustomStringConvertible {
  /// What is wrong, as a phrase.
  public let description: String
  /// The formats it can occur in.
  public let formats: [ArtifactFormat]
  /// `ArchiveError.code` of the refusal; `nil` if the archive is sound and its metadata is bad.
  public let code: String?
  private let apply: @Sendable (inout PackageBuilder) -> Void

  private init(
    _ description: String, _ code: String?, in formats: [ArtifactFormat] = ArtifactFormat.allCases,
    _ apply: @escaping @Sendable (inout PackageBuilder) -> Void
  ) {
    self.description = description
    self.code = code
    self.formats = formats
    self.apply = apply
  }

  /// `package` with this defect.
  public func applied(to package: PackageBuilder) -> PackageBuilder {
    var package = package
    apply(&package)
    return package
  }

  /// Defects of the archive, each refused by `ArtifactReader`.
  public static let archive: [PackageDefect] = container + entries + bombs

  private static let container: [PackageDefect] = [
    .init("compressed ZIP members", "compressed_member", in: [.conda]) { $0.isStored = false },
    .init("no metadata.json", "missing_metadata_member", in: [.conda]) { $0.omittedMembers = [.metadata] },
    .init("no info- member", "missing_info_member", in: [.conda]) { $0.omittedMembers = [.info] },
    .init("no pkg- member", "missing_pkg_member", in: [.conda]) { $0.omittedMembers = [.pkg] },
    .init("two info- members", "repeated_info_member", in: [.conda]) {
      $0.extraMembers = [ArchiveFile("info-other-1.0-0.tar.zst", text: "x")]
    },
    .init("the same info- member twice", "duplicate_member", in: [.conda]) {
      $0.extraMembers = [ArchiveFile("info-\($0.distribution).tar.zst", text: "x")]
    },
    .init("two pkg- members", "repeated_pkg_member", in: [.conda]) {
      $0.extraMembers = [ArchiveFile("pkg-other-1.0-0.tar.zst", text: "x")]
    },
    .init("an info- member of another package", "wrong_member_name", in: [.conda]) {
      $0.infoMemberName = "info-other-1.0-0.tar.zst"
    },
    .init("a pkg- member of another package", "wrong_member_name", in: [.conda]) {
      $0.pkgMemberName = "pkg-other-1.0-0.tar.zst"
    },
    .init("a member too many", "unexpected_member", in: [.conda]) {
      $0.extraMembers = [ArchiveFile("readme.txt", text: "x")]
    },
    .init("members in a folder", "unexpected_member", in: [.conda]) {
      $0.infoMemberName = "folder/info-\($0.distribution).tar.zst"
    },
    .init("format version 3", "bad_metadata_json", in: [.conda]) {
      $0.metadataJSON = .text(#"{"conda_pkg_format_version": 3}"#)
    },
    .init("metadata.json that is no JSON", "bad_metadata_json", in: [.conda]) {
      $0.metadataJSON = .text("{")
    },
    .init("a pkg- member that is not zstd", "not_zstd", in: [.conda]) {
      $0.pkgMemberBytes = Array("not compressed".utf8)
    },
    .init("an empty pkg- member", "not_zstd", in: [.conda]) { $0.pkgMemberBytes = [] },
  ]

  private static let entries: [PackageDefect] = [
    .init("no info/index.json", "missing_index_json") { $0.indexJSON = .absent },
    .init("two info/index.json", "duplicate_info_file") {
      add("info/index.json", .file([0x7b, 0x7d]), to: &$0)
    },
    .init("a second index.json by another spelling", "duplicate_info_file") {
      add("./info//index.json", .file([0x7b, 0x7d]), to: &$0)
    },
    .init("50 MB of index.json", "info_file_too_large") {
      $0.indexJSON = .bytes([UInt8](repeating: 0x20, count: 50_000_000))
    },
    .init("index.json as symbolic link", "not_a_regular_file") {
      $0.indexJSON = .absent
      add("info/index.json", .symlink("about.json"), to: &$0)
    },
    .init("index.json as hard link", "not_a_regular_file") {
      $0.indexJSON = .absent
      add("info/index.json", .hardLink("info/about.json"), to: &$0)
    },
    .init("index.json as folder", "not_a_regular_file") {
      $0.indexJSON = .absent
      add("info/index.json", .folder, to: &$0)
    },
    .init("an absolute link in info/", "link_leaves_package") {
      add("info/test/a", .symlink("/etc/passwd"), to: &$0)
    },
    .init("a link in info/ that leaves", "link_leaves_package") {
      add("info/test/a", .symlink("../../../x"), to: &$0)
    },
    .init("a link in info/ through another", "link_leaves_package") {
      add("info/test/a", .symlink("b/../../../x"), to: &$0)
    },
    .init("an entry behind a link in info/", "not_a_folder") {
      add("info/test", .symlink(".."), to: &$0)
      add("info/test/a", .symlink("../x"), to: &$0)
    },
    .init("info as a link", "not_a_folder") { add("info", .symlink("share"), to: &$0) },
    .init("an absolute path", "unsafe_path_absolute") { add("/info/a", .file([]), to: &$0) },
    .init("a path that leaves", "unsafe_path_parent_segment") { add("info/../../a", .file([]), to: &$0) },
    .init("a hard link that leaves", "unsafe_path_parent_segment") {
      add("info/a", .hardLink("../a"), to: &$0)
    },
    .init("a very long path", "unsafe_path_too_long") {
      add("info/" + String(repeating: "a/", count: 3000), .folder, to: &$0)
    },
    .init("a named pipe", "unsupported_entry_type") { add("info/pipe", .fifo, to: &$0) },
  ]

  private static let bombs: [PackageDefect] = [
    .init("zeros, 1,000,000:1", "expansion_ratio_too_high", in: [.tarBzip2]) { $0.zeros = 100 << 30 },
    .init("zeros, 10,000:1", "expansion_ratio_too_high", in: [.conda]) { $0.zeros = 5 << 30 },
  ]

  /// Defects of `info/index.json` in a sound archive; the reader passes them on, validation refuses them.
  public static let metadata: [PackageDefect] = [
    .init("invalid JSON", nil) { $0.indexJSON = .text("{\"name\": ") },
    .init("JSON that is no object", nil) { $0.indexJSON = .text("[]") },
    .init("index.json of no bytes", nil) { $0.indexJSON = .bytes([]) },
    .init("a name that is a number", nil) { $0.indexFields["name"] = .integer(1) },
    .init("depends that is a string", nil) { $0.indexFields["depends"] = .string("python") },
    .init("no name", nil) { $0.omittedIndexKeys = ["name"] },
    .init("no version", nil) { $0.omittedIndexKeys = ["version"] },
    .init("no build", nil) { $0.omittedIndexKeys = ["build"] },
    .init("another name", nil) { $0.indexFields["name"] = .string("other") },
    .init("another version", nil) { $0.indexFields["version"] = .string("9.9") },
    .init("another build", nil) { $0.indexFields["build"] = .string("9") },
    .init("a subdir that leaves", nil) { $0.subdir = "../x" },
    .init("a name with a slash", nil) { $0.indexFields["name"] = .string("../demo") },
    .init("a name with NUL", nil) { $0.indexFields["name"] = .string("demo\u{0}") },
    .init("a name with a look-alike", nil) { $0.indexFields["name"] = .string("d\u{435}mo") },
    .init("a name of 300 characters", nil) {
      $0.indexFields["name"] = .string(String(repeating: "a", count: 300))
    },
  ]

  private static func add(_ path: String, _ kind: ArchiveFile.Kind, to package: inout PackageBuilder) {
    package.extraInfoEntries.append(ArchiveFile(path, kind))
  }
}
