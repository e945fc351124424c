/// The older artifact format: one tar archive compressed with bzip2, `info/` anywhere in it (CEP 35).
enum TarBzip2Artifact {
  /// Reads the whole file.
  static func read(
    _ file: ArchiveSource, limits: ArtifactLimits, deadline: Deadline
  ) throws(ArchiveError) -> ArtifactContents {
    let content = MeteredSource(
      try Bzip2Source(file: file), inputSize: file.size, limits: limits, deadline: deadline)
    return try InfoCollector.collect(content, limits: limits, keepsPaths: true)
  }
}
