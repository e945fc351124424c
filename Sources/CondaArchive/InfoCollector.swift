/// Reads a tar archive to its end, keeps the metadata files, and refuses what has no place in an artifact.
struct InfoCollector {
  private let limits: ArtifactLimits
  private let keepsPaths: Bool
  private var kept: [InfoFile: [UInt8]] = [:]
  private var paths: [String] = []
  private var pathsSize: Int64 = 0
  private var infoSize: Int64 = 0
  /// Links inside `info/`: nothing may lie behind one.
  private var links: Set<String> = []

  private init(limits: ArtifactLimits, keepsPaths: Bool) {
    self.limits = limits
    self.keepsPaths = keepsPaths
  }

  /// Reads the archive in `source`.
  ///
  /// - Parameter keepsPaths: Whether the paths outside `info/` are wanted if no metadata file lists them.
  static func collect(
    _ source: MeteredSource, limits: ArtifactLimits, keepsPaths: Bool
  ) throws(ArchiveError) -> ArtifactContents {
    var collector = InfoCollector(limits: limits, keepsPaths: keepsPaths)
    let stream = try ArchiveEntryStream(source, limits: limits)
    while let entry = try stream.next() {
      if entry.path.isInfo {
        try collector.addInfo(entry, from: stream)
      } else {
        try collector.addPath(of: entry)
      }
    }
    try stream.finish()
    return try collector.contents()
  }

  private mutating func addInfo(_ entry: ArchiveEntry, from stream: ArchiveEntryStream) throws(ArchiveError) {
    let path = entry.path.value
    if path == "info", entry.kind != .folder { throw .notAFolder(path) }
    infoSize += max(0, entry.size) + Int64(path.utf8.count)
    if !links.isEmpty, let link = entry.path.parents.first(where: links.contains) { throw .notAFolder(link) }
    if let file = InfoFile(rawValue: path) {
      guard entry.kind == .file else { throw .notRegularFile(path) }
      guard kept[file] == nil else { throw .duplicateInfoFile(path) }
      let limit = file.maxSize(limits)
      guard entry.size <= limit else { throw .infoFileTooLarge(path: path, limit: limit) }
      try checkInfoSize()
      kept[file] = try stream.content(of: entry, limit: limit)
    } else if case .symlink(let target) = entry.kind {
      guard entry.path.staysInside(target: target) else {
        throw .linkLeavesPackage(path: path, target: target)
      }
      links.insert(path)
    }
    try checkInfoSize()
  }

  private func checkInfoSize() throws(ArchiveError) {
    guard infoSize <= limits.maxInfoTotalSize else { throw .infoTooLarge(limit: limits.maxInfoTotalSize) }
  }

  private mutating func addPath(of entry: ArchiveEntry) throws(ArchiveError) {
    guard keepsPaths, entry.kind != .folder, !entry.path.value.isEmpty else { return }
    guard kept[.paths] == nil, kept[.files] == nil else {
      paths = []
      return
    }
    pathsSize += Int64(entry.path.value.utf8.count)
    guard pathsSize <= limits.maxInfoTotalSize else { throw .infoTooLarge(limit: limits.maxInfoTotalSize) }
    paths.append(entry.path.value)
  }

  private func contents() throws(ArchiveError) -> ArtifactContents {
    guard let index = kept[.index] else { throw .missingIndexJSON }
    var contents = ArtifactContents(indexJSON: index)
    contents.aboutJSON = kept[.about]
    contents.runExportsJSON = kept[.runExports]
    contents.pathsJSON = kept[.paths]
    contents.files = kept[.files]
    contents.hasPrefix = kept[.hasPrefix]
    contents.linkJSON = kept[.link]
    contents.recipe = kept[.recipe] ?? kept[.renderedRecipe]
    contents.isRepodataRecordPresent = kept[.repodataRecord] != nil
    if kept[.paths] == nil, kept[.files] == nil { contents.paths = paths }
    return contents
  }
}
