/// Frames stored records as a `repodata.json` (CEP 36), piece by piece, without reading them.
///
///     {"info":{"subdir":"linux-64"},"packages":{"<fn>":record,…},"packages.conda":{"<fn>":record,…},
///      "removed":["<fn>",…],"repodata_version":1,"v3":{"conda":{"<name>-<version>-<build>":record,…},…}}
///
/// `v3` (CEP 48) is there only when it has records. Each call appends to the caller's buffer, which may be
/// emptied in between, so a million records pass through little memory:
/// ```swift
/// var writer = RepodataWriter(subdir: "linux-64")
/// writer.begin(into: &buffer)
/// for row in rows(of: .tarBzip2) {
///   writer.append(fileName: row.fileName, record: row.json, format: .tarBzip2, to: &buffer)
/// }
/// for row in rows(of: .conda) {
///   writer.append(fileName: row.fileName, record: row.json, format: .conda, to: &buffer)
/// }
/// for name in yanked { writer.appendRemoved(name, to: &buffer) }
/// for row in v3Rows { writer.appendV3(distribution: …, record: row.json, format: row.format, to: &buffer) }
/// writer.finish(into: &buffer)
/// ```
/// `.tar.bz2` artifacts come before `.conda` ones, except under `v3`; within a format the order is the caller's:
/// sort by file name for equal bytes.
public struct RepodataWriter: Sendable {
  private enum Section: Int { case start, packages, condaPackages, removed, v3Conda, v3TarBzip2, end }

  private let info: [String: JSONValue]
  private var section = Section.start
  private var isFirst = true

  /// Prepares a document.
  ///
  /// - Parameters:
  ///   - subdir: The subdir, e.g. `linux-64`.
  ///   - info: Further members of `info`, e.g. `repodata_revisions` (CEP 48). Without `base_url` the version
  ///     stays 1.
  public init(subdir: String, info: [String: JSONValue] = [:]) {
    self.info = info.merging(["subdir": .string(subdir)]) { _, subdir in subdir }
  }

  /// Writes everything before the first record; once, and first.
  public mutating func begin(into bytes: inout [UInt8]) {
    precondition(section == .start, "begin comes once and first")
    section = .packages
    bytes += "{\"info\":".utf8
    JSONValue.object(info).appendCanonical(to: &bytes)
    bytes += ",\"packages\":{".utf8
  }

  /// Writes one record.
  ///
  /// - Parameters:
  ///   - fileName: The artifact's file name.
  ///   - record: Its record as JSON text in UTF-8, as `PackageRecord.jsonBytes` made it.
  ///   - format: Which map it belongs to; after the first `.conda` no `.tarBzip2` may come.
  ///   - bytes: The buffer to append to.
  public mutating func append(
    fileName: String, record: some Collection<UInt8>, format: ArtifactFormat, to bytes: inout [UInt8]
  ) {
    enter(format == .conda ? .condaPackages : .packages, &bytes)
    append(fileName, record, to: &bytes)
  }

  /// Ends `packages` and begins `packages.conda`, for those who put records in themselves (`appendEntry`).
  public mutating func beginCondaPackages(into bytes: inout [UInt8]) { enter(.condaPackages, &bytes) }

  /// Writes a record without what separates it from others.
  public static func appendEntry(
    _ fileName: String, record: some Collection<UInt8>, to bytes: inout [UInt8]
  ) {
    JSONValue.appendString(fileName, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(contentsOf: record)
  }

  /// Writes the file name of an artifact that is not in the index any more; after the records.
  public mutating func appendRemoved(_ fileName: String, to bytes: inout [UInt8]) {
    enter(.removed, &bytes)
    appendComma(to: &bytes)
    JSONValue.appendString(fileName, to: &bytes)
  }

  /// Writes one record that may only stand under `v3`; after the removed, `.conda` first.
  ///
  /// - Parameters:
  ///   - distribution: The artifact's file name without its extension.
  ///   - record: Its record as JSON text.
  ///   - format: Of the artifact.
  ///   - bytes: The buffer to append to.
  public mutating func appendV3(
    distribution: String, record: some Collection<UInt8>, format: ArtifactFormat, to bytes: inout [UInt8]
  ) {
    enter(format == .conda ? .v3Conda : .v3TarBzip2, &bytes)
    append(distribution, record, to: &bytes)
  }

  /// Writes everything after the last record; once, and last.
  ///
  /// - Parameters:
  ///   - removed: Further file names as for `appendRemoved`, in any order.
  ///   - v3: Further records as for `appendV3`, by format, in any order.
  ///   - bytes: The buffer to append to.
  public mutating func finish(
    removed: [String] = [], v3: [ArtifactFormat: [(distribution: String, record: [UInt8])]] = [:],
    into bytes: inout [UInt8]
  ) {
    for name in removed.sorted(by: { $0.precedesByBytes($1) }) { appendRemoved(name, to: &bytes) }
    for format in [ArtifactFormat.conda, .tarBzip2] {
      for entry in (v3[format] ?? []).sorted(by: { $0.distribution.precedesByBytes($1.distribution) }) {
        appendV3(distribution: entry.distribution, record: entry.record, format: format, to: &bytes)
      }
    }
    enter(.end, &bytes)
  }

  /// Closes what is open and opens a later section; empty ones in between are written where clients want them.
  private mutating func enter(_ target: Section, _ bytes: inout [UInt8]) {
    precondition(
      section != .start && section != .end && section.rawValue <= target.rawValue, "records out of order")
    let version = info["base_url"] == nil ? 1 : 2
    while section != target {
      switch section {
      case .start, .end: return
      case .packages:
        bytes += "},\"packages.conda\":{".utf8
        section = .condaPackages
      case .condaPackages:
        bytes += "},\"removed\":[".utf8
        section = .removed
      case .removed:
        bytes += "],\"repodata_version\":\(version)".utf8
        switch target {
        case .v3Conda: bytes += ",\"v3\":{\"conda\":{".utf8
        case .v3TarBzip2: bytes += ",\"v3\":{\"tar.bz2\":{".utf8
        default: bytes += "}".utf8
        }
        section = target
      case .v3Conda where target == .v3TarBzip2:
        bytes += "},\"tar.bz2\":{".utf8
        section = target
      case .v3Conda, .v3TarBzip2:
        bytes += "}}}".utf8
        section = target
      }
      isFirst = true
    }
  }

  private mutating func append(_ name: String, _ record: some Collection<UInt8>, to bytes: inout [UInt8]) {
    appendComma(to: &bytes)
    Self.appendEntry(name, record: record, to: &bytes)
  }

  private mutating func appendComma(to bytes: inout [UInt8]) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }
}
