/// A subdir's repodata patch: what `patch_instructions.json` says (conda-build's and conda-index's practice; run exports
/// by CEP 21).
///
///     {"patch_instructions_version": 1,
///      "packages": {"<fn>.tar.bz2": {"depends": […], "license": null}}, "packages.conda": {"<fn>.conda": {…}},
///      "revoke": ["<fn>"], "remove": ["<fn>"]}
///
/// - Fields replace those of the record, objects are merged; `null` takes a field away. What names no artifact is no error:
///   patches are written for more than one channel has.
/// - What is said of `x.tar.bz2` holds for `x.conda` too, before what is said of `x.conda` itself.
/// - A revoked record stays, with `revoked: true` and the dependency `package_has_been_revoked`, which nothing satisfies.
///   A removed one leaves the index; its file stays.
/// - Version 2 may have `run_exports` among the fields.
///
/// A value exists only when no record that it is applied to can become unreadable: fields that name an artifact or its
/// bytes, or that the index sets, cannot be patched, and the types of known fields are right.
public struct PatchInstructions: Hashable, Sendable {
  /// The file's name, in the folder of its subdir.
  public static let file = "patch_instructions.json"
  /// The dependency that makes a revoked record uninstallable.
  public static let revokedDependency = "package_has_been_revoked"

  /// What is said of one file.
  public struct Change: Hashable, Sendable {
    /// Fields to set; `null` for those to take away.
    public var fields: [String: JSONValue]
    /// Whether the record must not be installed any more.
    public var isRevoked: Bool
    /// Whether the record leaves the index.
    public var isRemoved: Bool

    /// All fields, in order.
    public init(fields: [String: JSONValue] = [:], isRevoked: Bool = false, isRemoved: Bool = false) {
      self.fields = fields
      self.isRevoked = isRevoked
      self.isRemoved = isRemoved
    }
  }

  /// 1, or 2 with run exports (CEP 21).
  public var version: Int64
  /// By file name, as the instructions name it.
  public var changes: [String: Change]

  /// All fields, in order.
  public init(version: Int64 = 1, changes: [String: Change]) {
    self.version = version
    self.changes = changes
  }

  /// Reads instructions.
  ///
  /// - Returns: The value, or the problems found, the first hundred at most.
  public static func parse(_ bytes: [UInt8]) -> Result<PatchInstructions, MetadataProblems> {
    MetadataFields.parse(bytes, file: file).flatMap {
      (fields) -> Result<PatchInstructions, MetadataProblems> in
      var reader = PatchInstructionsReader(fields: fields)
      let value = reader.read()
      let problems = Array(reader.fields.problems.prefix(100))
      return problems.isEmpty ? .success(value) : .failure(MetadataProblems(problems: problems))
    }
  }

  /// The file whose instructions count for this one as well: the `.tar.bz2` of a `.conda`.
  public static func twin(of fileName: String) -> String? {
    guard fileName.hasSuffix(ArtifactFormat.conda.fileExtension) else { return nil }
    return fileName.dropLast(ArtifactFormat.conda.fileExtension.count) + ArtifactFormat.tarBzip2.fileExtension
  }

  /// What is said of an artifact, in the order in which it counts.
  public func changes(for fileName: String) -> [Change] {
    [Self.twin(of: fileName), fileName].compactMap { $0.flatMap { changes[$0] } }
  }

  /// The instructions as a file.
  public var json: JSONValue {
    func fields(_ format: ArtifactFormat) -> JSONValue {
      .object(
        changes.filter { $0.key.hasSuffix(format.fileExtension) && !$0.value.fields.isEmpty }
          .mapValues { .object($0.fields) })
    }
    func names(_ isNamed: (Change) -> Bool) -> JSONValue {
      .array(
        changes.filter { isNamed($0.value) }.keys.sorted { $0.precedesByBytes($1) }.map(JSONValue.string))
    }
    return [
      "patch_instructions_version": .integer(version), "packages": fields(.tarBzip2),
      "packages.conda": fields(.conda), "remove": names(\.isRemoved), "revoke": names(\.isRevoked),
    ]
  }
}

/// Checks patch instructions member by member and notes everything that is wrong.
struct PatchInstructionsReader {
  var fields: MetadataFields
  private var changes: [String: PatchInstructions.Change] = [:]

  /// What says which artifact a record is about.
  private static let identity: Set<String> = [
    "name", "version", "build", "build_number", "subdir", "schema_version",
  ]
  /// A record of which only the patched fields can be wrong.
  private static let sound: [String: JSONValue] = [
    "name": "a", "version": "1", "build": "0", "build_number": 0, "subdir": "noarch",
  ]

  init(fields: MetadataFields) { self.fields = fields }

  mutating func read() -> PatchInstructions {
    let version = fields.wholeNumber("patch_instructions_version", isRequired: true) ?? 1
    if !(1...2).contains(version) {
      fields.note("patch_instructions_version", found: "\(version)", expected: "1 or 2")
    }
    for (key, format) in [("packages", ArtifactFormat.tarBzip2), ("packages.conda", .conda)] {
      readFields(key, format: format, version: version)
    }
    for name in fileNames("revoke") { changes[name, default: .init()].isRevoked = true }
    for name in fileNames("remove") { changes[name, default: .init()].isRemoved = true }
    return PatchInstructions(version: version, changes: changes)
  }

  private mutating func readFields(_ key: String, format: ArtifactFormat, version: Int64) {
    guard let value = fields.value(key) else { return }
    guard let files = value.asObject else {
      fields.note(key, found: value.kind, expected: "an object of file names")
      return
    }
    for (name, change) in files.sortedByKey() {
      guard name.hasSuffix(format.fileExtension) else {
        fields.note(key, found: "'\(name)'", expected: "file names that end in \(format.fileExtension)")
        continue
      }
      guard let members = change.asObject else {
        fields.note("\(key).\(name)", found: change.kind, expected: "an object of fields")
        continue
      }
      check(members, of: "\(key).\(name)", version: version)
      changes[name, default: .init()].fields = members
    }
  }

  private mutating func check(_ members: [String: JSONValue], of name: String, version: Int64) {
    let reserved = PackageRecord.reservedKeys.union(Self.identity)
    for key in members.keys.sorted() where reserved.contains(key) {
      guard key == "run_exports" else {
        fields.note("\(name).\(key)", found: "a new value", expected: "nothing: this field cannot be patched")
        continue
      }
      if version < 2 {
        fields.note(
          "\(name).\(key)", found: "a new value", expected: "it with patch_instructions_version 2 only")
      }
    }
    if let exports = members["run_exports"], exports != .null {
      var bytes: [UInt8] = []
      exports.appendCanonical(to: &bytes)
      if case .failure(let failure) = RunExports.parse(bytes) {
        note(failure.problems, of: "\(name).run_exports")
      }
    }
    let patched = members.filter { !reserved.contains($0.key) }
    var record = IndexJSONReader(
      fields: MetadataFields(file: fields.file, fields: Self.sound.merging(patched) { first, _ in first }))
    _ = record.read()
    note(record.fields.problems, of: name)
  }

  private mutating func note(_ problems: [MetadataProblem], of name: String) {
    for problem in problems {
      fields.note(
        problem.key.map { "\(name).\($0)" } ?? name, found: problem.found, expected: problem.expected)
    }
  }

  private mutating func fileNames(_ key: String) -> [String] {
    let names = fields.strings(key)
    for name in names where !ArtifactFormat.allCases.contains(where: { name.hasSuffix($0.fileExtension) }) {
      fields.note(key, found: "'\(name)'", expected: "file names that end in .conda or .tar.bz2")
    }
    return names
  }
}
