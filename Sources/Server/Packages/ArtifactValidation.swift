import APITypes
import CondaArchive
import CondaTypes

/// An artifact that may be published: its metadata, parsed and in agreement with its file name.
struct ValidatedArtifact: Sendable {
  let name: ArtifactName
  let index: IndexJSON
  let about: AboutJSON?
  /// `nil` where the package has no `run_exports.json`, which means: none (CEP 12).
  let runExports: RunExports?
  let paths: PathsSummary
}

/// Checks an artifact's metadata against CEP 26 and 34 and its own file name. Pure; all problems at once.
enum ArtifactValidation {
  /// The name a file claims, in upstream's words where it is wrong.
  ///
  /// - Throws: 400 `package file name has wrong format <file name>: …`.
  static func name(of fileName: String) throws -> ArtifactName {
    do {
      return try ArtifactName(parsing: fileName)
    } catch {
      throw APIError(.invalidFileName, "package file name has wrong format \(printable(fileName)): \(error)")
    }
  }

  /// Parses and checks everything that `contents` says.
  ///
  /// - Throws: 400 if the package's own name, version or build disagree with the file name, 422 for every other
  ///   problem; the detail lists them all.
  static func validate(_ contents: ArtifactContents, as name: ArtifactName) throws -> ValidatedArtifact {
    var problems: [String] = []
    let index = collect(IndexJSON.parse(contents.indexJSON), &problems)
    let about = contents.aboutJSON.flatMap { collect(AboutJSON.parse($0), &problems) }
    let runExports = contents.runExportsJSON.flatMap { collect(RunExports.parse($0), &problems) }
    let paths = collect(
      PathsSummary.parse(
        pathsJSON: contents.pathsJSON, filesList: contents.files, hasPrefix: contents.hasPrefix,
        packageName: name.name), &problems)
    if contents.isRepodataRecordPresent {
      problems.append("info/repodata_record.json: found one, but a package must not contain it (CEP 34)")
    }
    let mismatches = index.map { disagreements(of: $0, with: name) } ?? []
    if !mismatches.isEmpty {
      let all = (mismatches + problems).joined(separator: "; ")
      throw APIError(
        .nameMismatch, "package file name and info files do not match \(name.fileName): \(all)")
    }
    guard problems.isEmpty, let index, let paths else {
      throw APIError(
        .invalidMetadata,
        "Validation Error for package: \(name.fileName): \(problems.joined(separator: "; "))")
    }
    return ValidatedArtifact(name: name, index: index, about: about, runExports: runExports, paths: paths)
  }

  private static func collect<Value>(
    _ result: Result<Value, MetadataProblems>, _ problems: inout [String]
  ) -> Value? {
    switch result {
    case .success(let value): return value
    case .failure(let failure):
      problems += failure.problems.map(\.description)
      return nil
    }
  }

  private static func disagreements(of index: IndexJSON, with name: ArtifactName) -> [String] {
    let pairs = [
      ("name", name.name.value, index.name.value), ("version", name.version, index.version),
      ("build", name.build.value, index.build.value),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { field, inFileName, inIndex in
      "\(field) is \"\(inFileName)\" in the file name but \"\(printable(inIndex))\" in info/index.json"
    }
  }

  /// Text from outside, safe to repeat: control characters escaped, long text cut.
  static func printable(_ text: String) -> String {
    let escaped = text.unicodeScalars.prefix(256).map {
      $0.value < 0x20 || $0.value == 0x7f ? "\u{FFFD}" : String($0)
    }
    return escaped.joined() + (text.unicodeScalars.count > 256 ? "…" : "")
  }
}
