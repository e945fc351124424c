/// What the list of an artifact's files says about installing it: feeds channel data (CEP 38).
public struct PathsSummary: Hashable, Sendable {
  /// Whether it has scripts that run when an environment is activated (`etc/conda/activate.d/`).
  public var activateD: Bool
  /// Whether it has scripts that run when an environment is deactivated (`etc/conda/deactivate.d/`).
  public var deactivateD: Bool
  /// Whether it has a script that runs before it is linked.
  public var preLink: Bool
  /// Whether it has a script that runs after it was linked.
  public var postLink: Bool
  /// Whether it has a script that runs before it is removed.
  public var preUnlink: Bool
  /// Whether a prefix is replaced in binary files.
  public var binaryPrefix: Bool
  /// Whether a prefix is replaced in text files.
  public var textPrefix: Bool
  /// How many files it installs.
  public var fileCount: Int

  /// Makes a summary; without arguments that of a package without files.
  public init(
    activateD: Bool = false, deactivateD: Bool = false, preLink: Bool = false, postLink: Bool = false,
    preUnlink: Bool = false, binaryPrefix: Bool = false, textPrefix: Bool = false, fileCount: Int = 0
  ) {
    self.activateD = activateD
    self.deactivateD = deactivateD
    self.preLink = preLink
    self.postLink = postLink
    self.preUnlink = preUnlink
    self.binaryPrefix = binaryPrefix
    self.textPrefix = textPrefix
    self.fileCount = fileCount
  }

  /// Reads the lists of files. `info/paths.json` wins; the others are the older way to say the same.
  ///
  /// - Parameters:
  ///   - pathsJSON: `info/paths.json`.
  ///   - filesList: `info/files`, a path per line.
  ///   - hasPrefix: `info/has_prefix`, per line a path (text), or a placeholder, `text` or `binary`, and a
  ///     path.
  ///   - archivePaths: The archive's own entries, for an artifact that has neither list; those under `info/`
  ///     do not count.
  ///   - packageName: Names the link scripts: conda runs `bin/.<name>-post-link.sh` and
  ///     `Scripts/.<name>-post-link.bat` only.
  /// - Returns: The summary, or what is wrong with `info/paths.json`; its first 20 bad entries, as there may
  ///   be a million.
  public static func parse(
    pathsJSON: [UInt8]?, filesList: [UInt8]?, hasPrefix: [UInt8]?, archivePaths: [String] = [],
    packageName: PackageName
  ) -> Result<PathsSummary, MetadataProblems> {
    if let pathsJSON { return PathsJSONReader(name: packageName.value).read(pathsJSON) }
    var summary = PathsSummary()
    for line in filesList?.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) ?? [] {
      summary.count(String(decoding: line, as: UTF8.self), name: packageName.value)
    }
    if filesList == nil {
      for path in archivePaths where !path.hasPrefix("info/") { summary.count(path, name: packageName.value) }
    }
    for line in hasPrefix?.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) ?? [] {
      let words = HasPrefixLine.words(of: line)
      if words.count >= 3 && words[1] == "binary" {
        summary.binaryPrefix = true
      } else {
        summary.textPrefix = true
      }
    }
    return .success(summary)
  }

  /// Takes one installed file into account.
  mutating func count(_ path: String, name: String) {
    fileCount += 1
    if path.hasPrefix("etc/conda/") {
      activateD = activateD || path.hasPrefix("etc/conda/activate.d/")
      deactivateD = deactivateD || path.hasPrefix("etc/conda/deactivate.d/")
    } else if path.hasPrefix("bin/.") || path.hasPrefix("Scripts/.") {
      preLink = preLink || Self.isScript(path, name, "pre-link")
      postLink = postLink || Self.isScript(path, name, "post-link")
      preUnlink = preUnlink || Self.isScript(path, name, "pre-unlink")
    }
  }

  private static func isScript(_ path: String, _ name: String, _ action: String) -> Bool {
    path == "bin/.\(name)-\(action).sh" || path == "Scripts/.\(name)-\(action).bat"
  }
}

/// One line of `info/has_prefix`, whose words may be in quotes when they have spaces.
enum HasPrefixLine {
  static func words(of line: ArraySlice<UInt8>) -> [String] {
    var words: [String] = []
    var rest = line
    while let first = rest.first {
      let quote = first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") ? first : UInt8(ascii: " ")
      if quote != UInt8(ascii: " ") { rest = rest.dropFirst() }
      let word = rest.prefix { $0 != quote }
      if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
      rest = rest.dropFirst(word.count + 1)
    }
    return words
  }
}
