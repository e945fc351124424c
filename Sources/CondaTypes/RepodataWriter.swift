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
/// writer.finish(into: &buffer)
/// ```
/// `.tar.bz2` artifacts come before `.conda` ones; within a format the order is the caller's: sort by file
/// name for equal bytes.
public struct RepodataWriter: Sendable {
  private enum Section { case start, packages, condaPackages, end }

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
    if format == .conda && section == .packages { beginCondaPackages(into: &bytes) }
    precondition(section == (format == .conda ? .condaPackages : .packages), "records out of order")
    Self.append(fileName, record, isFirst: isFirst, to: &bytes)
    isFirst = false
  }

  /// Writes everything after the last record; once, and last.
  ///
  /// - Parameters:
  ///   - removed: The file names of yanked artifacts, in any order.
  ///   - v3: Records (JSON text) by distribution string that may only stand under `v3`, by format, in any
  ///     order.
  ///   - bytes: The buffer to append to.
  public mutating func finish(
    removed: [String] = [], v3: [ArtifactFormat: [(distribution: String, record: [UInt8])]] = [:],
    into bytes: inout [UInt8]
  ) {
    if section == .packages { beginCondaPackages(into: &bytes) }
    precondition(section == .condaPackages, "finish comes once and after begin")
    section = .end
    bytes += "},\"removed\":".utf8
    let names = removed.sorted { $0.precedesByBytes($1) }
    JSONValue.array(names.map(JSONValue.string)).appendCanonical(to: &bytes)
    bytes += ",\"repodata_version\":\(info["base_url"] == nil ? 1 : 2)".utf8
    appendV3(v3, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }

  private mutating func beginCondaPackages(into bytes: inout [UInt8]) {
    section = .condaPackages
    isFirst = true
    bytes += "},\"packages.conda\":{".utf8
  }

  private func appendV3(
    _ v3: [ArtifactFormat: [(distribution: String, record: [UInt8])]], to bytes: inout [UInt8]
  ) {
    let formats = [ArtifactFormat.conda, .tarBzip2].filter { v3[$0]?.isEmpty == false }
    if formats.isEmpty { return }
    bytes += ",\"v3\":{".utf8
    for format in formats {
      if format != formats[0] { bytes.append(UInt8(ascii: ",")) }
      JSONValue.appendString(format.rawValue, to: &bytes)
      bytes += ":{".utf8
      let entries = (v3[format] ?? []).sorted {
        $0.distribution.precedesByBytes($1.distribution)
      }
      for (index, entry) in entries.enumerated() {
        Self.append(entry.distribution, entry.record, isFirst: index == 0, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func append(
    _ name: String, _ record: some Collection<UInt8>, isFirst: Bool, to bytes: inout [UInt8]
  ) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    JSONValue.appendString(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(contentsOf: record)
  }
}
