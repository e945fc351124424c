/// The file name of an artifact, taken apart: `<name>-<version>-<build>.<extension>` (CEP 26).
///
/// The version and the build have no `-`, so the last two `-` are the borders. At most 211 characters. Only a
/// name that is written as it would be printed is read: a file name in upper case is refused, since the file
/// and its record must have one spelling.
public struct ArtifactName: Hashable, Sendable, CustomStringConvertible {
  /// The package's name.
  public let name: PackageName
  /// The version as spelled.
  public let version: String
  /// The build string.
  public let build: BuildString
  /// The archive format, from the extension.
  public let format: ArtifactFormat

  /// Puts a name together from parts.
  ///
  /// - Throws: `ParseError` if the version may not stand in a file name.
  public init(
    name: PackageName, version: String, build: BuildString, format: ArtifactFormat
  ) throws(ParseError) {
    guard Version.isValidInFileName(version) else {
      throw ParseError(subject: "version", found: version, expected: Version.fileNameRule)
    }
    _ = try Version(parsing: version)
    self.name = name
    self.version = version
    self.build = build
    self.format = format
  }

  /// Takes a file name apart; a path is refused.
  ///
  /// - Throws: `ParseError` about the whole file name (no known extension, too few parts, too long) or about
  ///   the part that is bad.
  public init(parsing fileName: String) throws(ParseError) {
    guard fileName.utf8.count <= 211 else {
      throw ParseError(subject: "file name", found: fileName, expected: "at most 211 characters")
    }
    guard let format = ArtifactFormat.allCases.first(where: { fileName.hasSuffix($0.fileExtension) }) else {
      throw ParseError(subject: "file name", found: fileName, expected: "a name ending in .conda or .tar.bz2")
    }
    let parts = fileName.dropLast(format.fileExtension.count).split(
      separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 3 else {
      throw ParseError(
        subject: "file name", found: fileName, expected: "<name>-<version>-<build>\(format.fileExtension)")
    }
    let name = parts.dropLast(2).joined(separator: "-")
    try self.init(
      name: PackageName(parsing: name), version: String(parts[parts.count - 2]),
      build: BuildString(parsing: String(parts[parts.count - 1])), format: format)
    guard self.fileName.utf8.elementsEqual(fileName.utf8) else {
      throw ParseError(subject: "file name", found: fileName, expected: self.fileName)
    }
  }

  /// The file name, e.g. `numpy-1.26.4-py312h1234567_0.conda`.
  public var fileName: String { distribution + format.fileExtension }

  /// The distribution string, e.g. `numpy-1.26.4-py312h1234567_0`: the file name without its extension.
  public var distribution: String { "\(name)-\(version)-\(build)" }

  /// The file name.
  public var description: String { fileName }
}
