public import CondaArchive
public import CondaTypes

/// Makes conda packages in memory: good ones by default, and with a knob for everything that can be wrong
/// with one.
///
/// ```swift
/// var package = PackageBuilder(name: "demo", version: "1.0", build: "0", format: .conda)
/// package.depends = ["python >=3.12"]
/// package.randomPayloadSize = 100 << 20
/// let bytes = try package.bytes()      // to be uploaded as package.fileName
/// ```
public struct PackageBuilder: Sendable {
  /// What stands in a metadata file.
  public enum Content: Sendable {
    /// Made from the builder's other fields.
    case generated
    /// The file is not in the package.
    case absent
    /// Exactly these bytes.
    case bytes([UInt8])

    /// Exactly this text.
    public static func text(_ text: String) -> Content { .bytes(Array(text.utf8)) }
  }

  // MARK: What index.json says

  /// Package name, also in the names of the file and of the `.conda` members.
  public var name: String
  /// Version.
  public var version: String
  /// Build string.
  public var build: String
  /// Build number.
  public var buildNumber: Int64 = 0
  /// Subdir; `nil` leaves the key out.
  public var subdir: String? = "noarch"
  /// `generic`, `python` or `nil`: no such key.
  public var noarch: String? = "generic"
  /// Dependencies.
  public var depends: [String] = []
  /// Constraints.
  public var constrains: [String] = []
  /// Milliseconds since 1970; `nil` leaves the key out.
  public var timestamp: Int64? = 1_700_000_000_000
  /// Further keys of `index.json`; they win over the fields above.
  public var indexFields: [String: JSONValue] = [:]
  /// Keys left out of the generated `index.json`.
  public var omittedIndexKeys: Set<String> = []

  // MARK: The files

  /// The archive format.
  public var format: ArtifactFormat
  /// `info/index.json`.
  public var indexJSON: Content = .generated
  /// `info/about.json`.
  public var aboutJSON: Content = .generated
  /// `info/paths.json`, which lists `payload` and the random file.
  public var pathsJSON: Content = .generated
  /// `info/files`, the same list.
  public var filesList: Content = .generated
  /// `info/run_exports.json`.
  public var runExportsJSON: Content = .absent
  /// The package's own files.
  public var payload: [ArchiveFile] = [ArchiveFile("share/demo/hello.txt", text: "hello\n")]
  /// If above 0, a file `share/<name>/random.bin` of so many bytes that no compressor can shrink.
  public var randomPayloadSize = 0
  /// Seed of the random file: another seed makes another package of the same size.
  public var randomSeed: UInt64 = 1
  /// Entries put after the metadata files, where those of `info/` are: extra files, links, bad paths,
  /// duplicates.
  public var extraInfoEntries: [ArchiveFile] = []
  /// If above 0, a file `share/zeros` of about so many zero bytes beside the metadata, compressed as far as
  /// the format can (about 1,000,000:1 for bzip2, 30,000:1 for zstd); making it costs next to nothing.
  public var zeros: Int64 = 0
  /// Whether a `.tar.bz2` begins with `info/`, as good packages do.
  public var isInfoFirst = true

  // MARK: The container of a .conda

  /// `metadata.json` of a `.conda`.
  public var metadataJSON: Content = .generated
  /// Whether the ZIP members are stored, as they must be.
  public var isStored = true
  /// Name of the `info-` member; `nil` means the right one.
  public var infoMemberName: String?
  /// Name of the `pkg-` member; `nil` means the right one.
  public var pkgMemberName: String?
  /// Members left out of the container.
  public var omittedMembers: Set<CondaMember> = []
  /// Members put after the others.
  public var extraMembers: [ArchiveFile] = []
  /// Bytes in place of the `pkg-` member.
  public var pkgMemberBytes: [UInt8]?

  /// A good package with one small file.
  public init(
    name: String = "demo", version: String = "1.0", build: String = "0", format: ArtifactFormat = .conda
  ) {
    self.name = name
    self.version = version
    self.build = build
    self.format = format
  }

  /// `<name>-<version>-<build>`
  public var distribution: String { "\(name)-\(version)-\(build)" }

  /// The name to upload it under.
  public var fileName: String { distribution + format.fileExtension }

  /// The package's bytes. The same builder always makes the same bytes.
  public func bytes() throws -> [UInt8] {
    switch format {
    case .conda: try condaBytes()
    case .tarBzip2: try tarBzip2Bytes()
    }
  }

  // MARK: Archives

  private func condaBytes() throws -> [UInt8] {
    var members: [ArchiveFile] = []
    let metadata = Self.bytes(of: metadataJSON) { Array(#"{"conda_pkg_format_version": 2}"#.utf8) }
    if let metadata, !omittedMembers.contains(.metadata) {
      members.append(ArchiveFile("metadata.json", .file(metadata)))
    }
    let files = packageFiles()
    if !omittedMembers.contains(.pkg) {
      let bytes = try pkgMemberBytes ?? compressed(ArchiveWriting.tar(files))
      members.append(ArchiveFile(pkgMemberName ?? "pkg-\(distribution).tar.zst", .file(bytes)))
    }
    if !omittedMembers.contains(.info) {
      let bytes = try withZeros(after: infoEntries(files: files))
      members.append(ArchiveFile(infoMemberName ?? "info-\(distribution).tar.zst", .file(bytes)))
    }
    return try ArchiveWriting.zip(members + extraMembers, stored: isStored)
  }

  private func tarBzip2Bytes() throws -> [UInt8] {
    let files = packageFiles()
    let info = try infoEntries(files: files)
    return try withZeros(after: isInfoFirst ? info + files : files + info)
  }

  /// The compressed tar of `entries`; the zeros, if wanted, are a last entry whose content is the same small
  /// compressed stream many times, which both formats allow.
  private func withZeros(after entries: [ArchiveFile]) throws -> [UInt8] {
    guard zeros > 0 else { return try compressed(ArchiveWriting.tar(entries)) }
    let block = 45_000_192  // a multiple of 512 that run-length coding packs into one bzip2 block
    let count = max(1, Int(zeros) / block)
    let tar = try ArchiveWriting.tar(entries + [ArchiveFile("share/zeros", text: "")])
    var head = Array(tar.dropLast(1024))
    Self.setSize(Int64(count) * Int64(block), ofLastHeaderIn: &head)
    let stream = try compressed([UInt8](repeating: 0, count: block))
    var bytes = try compressed(head)
    bytes.reserveCapacity(bytes.count + count * stream.count)
    for _ in 0..<count {
      bytes += stream
    }
    return try bytes + compressed([UInt8](repeating: 0, count: 1024))
  }

  /// Writes a tar header's size (12 bytes at 124: base-256, as GNU tar does above 8 GiB) and its checksum.
  private static func setSize(_ size: Int64, ofLastHeaderIn tar: inout [UInt8]) {
    let header = tar.count - 512
    for position in 0..<12 {
      let shift = (11 - position) * 8
      tar[header + 124 + position] = shift < 64 ? UInt8(truncatingIfNeeded: size >> Int64(shift)) : 0
    }
    tar[header + 124] = 0x80
    for position in 148..<156 {
      tar[header + position] = 0x20
    }
    let octal = String(tar[header...].reduce(0) { $0 + Int($1) }, radix: 8)
    let digits = String(repeating: "0", count: 6 - octal.count) + octal
    for (position, digit) in (Array(digits.utf8) + [0]).enumerated() {
      tar[header + 148 + position] = digit
    }
  }

  private func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
    switch format {
    case .conda: try ZstdCompression.compress(bytes, level: 1)
    case .tarBzip2: try ArchiveWriting.bzip2(bytes)
    }
  }

  // MARK: Entries

  private func packageFiles() -> [ArchiveFile] {
    guard randomPayloadSize > 0 else { return payload }
    let random = Self.randomBytes(count: randomPayloadSize, seed: randomSeed)
    return payload + [ArchiveFile("share/\(name)/random.bin", .file(random))]
  }

  private func infoEntries(files: [ArchiveFile]) throws -> [ArchiveFile] {
    let metadata: [(String, [UInt8]?)] = try [
      ("info/index.json", Self.bytes(of: indexJSON) { generatedIndex() }),
      ("info/about.json", Self.bytes(of: aboutJSON) { generatedAbout() }),
      ("info/paths.json", Self.bytes(of: pathsJSON) { try Self.generatedPaths(files) }),
      ("info/files", Self.bytes(of: filesList) { Array(files.map { $0.path + "\n" }.joined().utf8) }),
      ("info/run_exports.json", Self.bytes(of: runExportsJSON) { Array("{}".utf8) }),
    ]
    let present = metadata.compactMap { path, bytes in bytes.map { ArchiveFile(path, .file($0)) } }
    return present + extraInfoEntries
  }

  private static func bytes(of content: Content, generate: () throws -> [UInt8]) rethrows -> [UInt8]? {
    switch content {
    case .generated: try generate()
    case .absent: nil
    case .bytes(let bytes): bytes
    }
  }

  private func generatedIndex() -> [UInt8] {
    var fields: [String: JSONValue] = [
      "name": .string(name), "version": .string(version), "build": .string(build),
      "build_number": .integer(buildNumber), "depends": .array(depends.map { .string($0) }),
      "license": .string("BSD-3-Clause"),
    ]
    fields["subdir"] = subdir.map { .string($0) }
    fields["noarch"] = noarch.map { .string($0) }
    fields["timestamp"] = timestamp.map { .integer($0) }
    if !constrains.isEmpty { fields["constrains"] = .array(constrains.map { .string($0) }) }
    fields.merge(indexFields) { _, given in given }
    for key in omittedIndexKeys {
      fields[key] = nil
    }
    return Array(JSONValue.object(fields).canonicalText().utf8)
  }

  private func generatedAbout() -> [UInt8] {
    let about: JSONValue = .object([
      "summary": .string("Summary of \(name)"), "description": .string("Description of \(name)"),
      "home": .string("https://\(name).example"), "license": .string("BSD-3-Clause"),
    ])
    return Array(about.canonicalText().utf8)
  }

  private static func generatedPaths(_ files: [ArchiveFile]) throws -> [UInt8] {
    let paths: [JSONValue] = try files.map { file in
      var fields: [String: JSONValue] = ["_path": .string(file.path), "path_type": .string("hardlink")]
      switch file.kind {
      case .file(let bytes):
        fields["size_in_bytes"] = .integer(Int64(bytes.count))
        fields["sha256"] = .string(try ArchiveWriting.sha256(bytes))
      case .symlink: fields["path_type"] = .string("softlink")
      case .folder: fields["path_type"] = .string("directory")
      case .hardLink, .fifo: break
      }
      return .object(fields)
    }
    return Array(
      JSONValue.object(["paths": .array(paths), "paths_version": .integer(1)]).canonicalText().utf8)
  }

  /// Bytes of the SplitMix64 generator, little endian.
  public static func randomBytes(count: Int, seed: UInt64) -> [UInt8] {
    // A plain loop over words: tests run without optimisation, and packages of 100 MB should be cheap.
    let words = [UInt64](unsafeUninitializedCapacity: count / 8 + 1) { buffer, initialized in
      var state = seed
      var index = 0
      while index <= count / 8 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        buffer[index] = (word ^ (word >> 31)).littleEndian
        index += 1
      }
      initialized = index
    }
    return words.withUnsafeBytes { Array($0.prefix(count)) }
  }
}
