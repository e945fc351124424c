public import CondaTypes

/// Reads the `<subdir>/patch_instructions.json` files of a patch package: an artifact whose own files are repodata
/// patches.
///
/// Memory is bounded by `maxTotalSize`.
public struct PatchPackageReader: Sendable {
  /// Bytes of one subdir's instructions.
  public static let maxFileSize: Int64 = 32 << 20
  /// Bytes of all of them.
  public static let maxTotalSize: Int64 = 128 << 20

  private let limits: ArtifactLimits

  /// A reader that keeps to `limits`.
  public init(limits: ArtifactLimits = .init()) { self.limits = limits }

  /// Reads the artifact whose bytes `file` has, in the format that `name` has.
  ///
  /// BLOCKING: call it on a thread of a pool. What is outside those files is read past, not judged.
  /// - Returns: The instructions' bytes by the folder they lie in.
  public func read(_ file: ArchiveSource, as name: ArtifactName) throws(ArchiveError) -> [String: [UInt8]] {
    let deadline = Deadline(after: limits.maxDuration)
    let locale = UTF8Locale()
    defer { locale.restore() }
    switch name.format {
    case .tarBzip2:
      return try collect(
        MeteredSource(try Bzip2Source(file: file), inputSize: file.size, limits: limits, deadline: deadline))
    case .conda:
      let directory = try ZipDirectory(of: file)
      try directory.checkStored()
      try directory.checkLayout(in: file)
      let zip = try ZipReader(file: file, members: directory.members)
      for listed in directory.members {
        let member = try zip.openNext()
        let source = ZipMemberSource(zip, member: member, deadline: deadline)
        if listed.name.starts(with: "pkg-".utf8) {
          try source.checkZstd()
          return try collect(
            MeteredSource(
              try ZstdSource(source), inputSize: member.size, limits: limits, deadline: deadline))
        }
        try source.skipToEnd()
      }
      throw .missingMember(.pkg)
    }
  }

  private func collect(_ source: MeteredSource) throws(ArchiveError) -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    var total: Int64 = 0
    let stream = try ArchiveEntryStream(source, limits: limits)
    while let entry = try stream.next() {
      let parts = entry.path.value.split(separator: "/").map(String.init)
      guard parts.count == 2, parts[1] == PatchInstructions.file, entry.kind == .file else { continue }
      total += max(0, entry.size)
      guard total <= Self.maxTotalSize else {
        throw .infoFileTooLarge(path: entry.path.value, limit: Self.maxTotalSize)
      }
      found[parts[0]] = try stream.content(of: entry, limit: Self.maxFileSize)
    }
    return found
  }
}
