/// Reads `info/paths.json` into a summary (CEP 34).
struct PathsJSONReader {
  static let file = "info/paths.json"
  private static let problemLimit = 20

  let name: String

  func read(_ bytes: [UInt8]) -> Result<PathsSummary, MetadataProblems> {
    MetadataFields.parse(bytes, file: Self.file).flatMap {
      (fields) -> Result<PathsSummary, MetadataProblems> in
      var fields = fields
      guard let paths = fields.value("paths")?.asArray else {
        fields.note("paths", found: fields.value("paths")?.kind ?? "nothing", expected: "an array of objects")
        return .failure(MetadataProblems(problems: fields.problems))
      }
      var summary = PathsSummary()
      for (index, entry) in paths.enumerated() where fields.problems.count < Self.problemLimit {
        if let expected = count(entry, in: &summary) {
          fields.note("paths[\(index)]", found: found(in: entry), expected: expected)
        }
      }
      return fields.problems.isEmpty
        ? .success(summary) : .failure(MetadataProblems(problems: fields.problems))
    }
  }

  /// Takes one entry into account, or says what it should have been.
  private func count(_ entry: JSONValue, in summary: inout PathsSummary) -> String? {
    guard entry.asObject != nil, let path = entry["_path"]?.asString else {
      return "an object with a '_path'"
    }
    let leaves = path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    guard !path.isEmpty, !path.hasPrefix("/"), !leaves, !path.utf8.contains(0) else {
      return "a path that stays inside the prefix"
    }
    summary.count(path, name: name)
    if let placeholder = entry["prefix_placeholder"]?.asString, !placeholder.isEmpty {
      if entry["file_mode"]?.asString == "binary" {
        summary.binaryPrefix = true
      } else {
        summary.textPrefix = true
      }
    }
    return nil
  }

  private func found(in entry: JSONValue) -> String {
    guard entry.asObject != nil else { return entry.kind }
    return entry["_path"]?.asString.map { "'\($0)'" } ?? entry["_path"]?.kind ?? "no '_path'"
  }
}
