public import CondaTypes

/// Reads the metadata of an artifact on disk or in memory, and refuses the artifact if the archive is not sound to its
/// last byte.
///
/// Memory is bounded by the files of `info/` that are kept, whatever the artifact's size. A `.conda` costs
/// one pass over its bytes (checksums), a `.tar.bz2` is decompressed to its end (about 6 MB of file per
/// second and core).
public struct ArtifactReader: Sendable {
  /// What a read may cost at most.
  public let limits: ArtifactLimits

  /// A reader that keeps to `limits`.
  public init(limits: ArtifactLimits = .init()) {
    self.limits = limits
  }

  /// Reads the artifact that lies at `path`, in the format that `name` has.
  ///
  /// BLOCKING: call it on a thread of a pool, never on the cooperative one. Safe to call from many threads at
  /// once.
  ///
  /// - Parameters:
  ///   - path: The file; its own name does not matter.
  ///   - name: What the artifact claims to be. The members of a `.conda` must be named after it.
  /// - Returns: The raw metadata files. Whether they agree with `name` is for the caller to check.
  /// - Throws: What is wrong with the artifact, or `.unreadable` if the file cannot be opened or read.
  public func read(fileAt path: String, as name: ArtifactName) throws(ArchiveError) -> ArtifactContents {
    try read(ArchiveSource(path: path), as: name)
  }

  /// Reads the artifact whose bytes `source` has: the same, wherever they are.
  public func read(_ source: ArchiveSource, as name: ArtifactName) throws(ArchiveError) -> ArtifactContents {
    let deadline = Deadline(after: limits.maxDuration)
    let locale = UTF8Locale()
    defer { locale.restore() }
    switch name.format {
    case .conda: return try CondaArtifact.read(source, as: name, limits: limits, deadline: deadline)
    case .tarBzip2: return try TarBzip2Artifact.read(source, limits: limits, deadline: deadline)
    }
  }
}
