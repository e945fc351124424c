/// Frames stored run exports as a `run_exports.json` (CEP 12), piece by piece, without reading them.
///
///     {"info":{"arch":"x86_64","platform":"linux","subdir":"linux-64","version":0},
///      "packages":{"<fn>":{"run_exports":{…}},…},"packages.conda":{"<fn>":{"run_exports":{…}},…},
///      "v3":{"conda":{"<name>-<version>-<build>":{"run_exports":{…}},…},…}}
///
/// `v3` mimics repodata (CEP 48), as CEP 12 wants of the whole file, and is there only when it has entries. An artifact
/// without run exports has `{}`. Entries come as for `RepodataWriter`: `packages`, `packages.conda`, then `v3` with
/// `.conda` first.
public struct RunExportsWriter: Sendable {
  private enum Section: Int { case start, packages, condaPackages, v3Conda, v3TarBzip2, end }

  private let subdir: String
  private var section = Section.start
  private var isFirst = true

  /// Prepares a document about a subdir, e.g. `linux-64`.
  public init(subdir: String) { self.subdir = subdir }

  /// Writes everything before the first entry; once, and first.
  public mutating func begin(into bytes: inout [UInt8]) {
    precondition(section == .start, "begin comes once and first")
    section = .packages
    let parts = subdir.split(separator: "-", maxSplits: 1).map(String.init)
    let arch = parts.last.map { ["64": "x86_64", "32": "x86"][$0] ?? $0 } ?? subdir
    let info: JSONValue = [
      "arch": .string(arch), "platform": .string(parts.first ?? subdir), "subdir": .string(subdir),
      "version": 0,
    ]
    bytes += "{\"info\":".utf8
    info.appendCanonical(to: &bytes)
    bytes += ",\"packages\":{".utf8
  }

  /// Writes one artifact's entry.
  ///
  /// - Parameters:
  ///   - name: The artifact's file name; under `v3` without its extension.
  ///   - runExports: JSON text of an object; `nil` for none.
  ///   - format: Of the artifact.
  ///   - isV3: Whether its record stands under `v3`.
  ///   - bytes: The buffer to append to.
  public mutating func append(
    _ name: String, runExports: (some Collection<UInt8>)?, format: ArtifactFormat, isV3: Bool = false,
    to bytes: inout [UInt8]
  ) {
    switch (isV3, format) {
    case (false, .tarBzip2): enter(.packages, &bytes)
    case (false, .conda): enter(.condaPackages, &bytes)
    case (true, .conda): enter(.v3Conda, &bytes)
    case (true, .tarBzip2): enter(.v3TarBzip2, &bytes)
    }
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    Self.appendEntry(name, runExports: runExports, to: &bytes)
  }

  /// Ends `packages` and begins `packages.conda`, for those who put entries in themselves (`appendEntry`).
  public mutating func beginCondaPackages(into bytes: inout [UInt8]) { enter(.condaPackages, &bytes) }

  /// Writes an entry without what separates it from others.
  public static func appendEntry(
    _ name: String, runExports: (some Collection<UInt8>)?, to bytes: inout [UInt8]
  ) {
    JSONValue.appendString(name, to: &bytes)
    bytes += ":{\"run_exports\":".utf8
    if let runExports { bytes.append(contentsOf: runExports) } else { bytes += "{}".utf8 }
    bytes.append(UInt8(ascii: "}"))
  }

  /// Writes everything after the last entry; once, and last.
  public mutating func finish(into bytes: inout [UInt8]) { enter(.end, &bytes) }

  private mutating func enter(_ target: Section, _ bytes: inout [UInt8]) {
    precondition(
      section != .start && section != .end && section.rawValue <= target.rawValue, "entries out of order")
    while section != target {
      switch (section, target) {
      case (.packages, _):
        bytes += "},\"packages.conda\":{".utf8
        section = .condaPackages
      case (.condaPackages, .v3Conda), (.condaPackages, .v3TarBzip2):
        bytes += "},\"v3\":{\"\(target == .v3Conda ? "conda" : "tar.bz2")\":{".utf8
        section = target
      case (.v3Conda, .v3TarBzip2):
        bytes += "},\"tar.bz2\":{".utf8
        section = target
      default:
        bytes += section == .condaPackages ? "}}".utf8 : "}}}".utf8
        section = target
      }
      isFirst = true
    }
  }
}
