/// What a package makes its dependents depend on, from `info/run_exports.json` (CEP 12, 34).
public struct RunExports: Hashable, Sendable {
  /// The file's name inside the artifact.
  public static let file = "info/run_exports.json"

  /// For run, when the package stands in the dependent's host section; a plain list in the file means this.
  public var weak: [String]
  /// For host and run, when it stands in build.
  public var strong: [String]
  /// Like `weak`, for `constrains`.
  public var weakConstrains: [String]
  /// Like `strong`, for `constrains`.
  public var strongConstrains: [String]
  /// For run of a `noarch` dependent.
  public var noarch: [String]

  /// Makes run exports; without arguments the package is known to have none.
  public init(
    weak: [String] = [], strong: [String] = [], weakConstrains: [String] = [],
    strongConstrains: [String] = [],
    noarch: [String] = []
  ) {
    self.weak = weak
    self.strong = strong
    self.weakConstrains = weakConstrains
    self.strongConstrains = strongConstrains
    self.noarch = noarch
  }

  /// Whether there are none.
  public var isEmpty: Bool { self == RunExports() }

  /// Reads the file: an array of specs (weak ones), or an object of arrays.
  ///
  /// A single text in the place of an array counts as an array of one, as conda-build takes it.
  /// - Returns: The value, or every problem found.
  public static func parse(_ bytes: [UInt8]) -> Result<RunExports, MetadataProblems> {
    do {
      let value = try JSONValue(parsing: bytes)
      if value.asArray != nil { return read(["weak": value]) }
      guard let fields = value.asObject else {
        return .failure(
          MetadataFields.problem(file: file, found: value.kind, expected: "an object or an array of strings"))
      }
      return read(fields)
    } catch {
      return .failure(
        MetadataFields.problem(file: file, found: error.found, expected: "valid JSON: \(error.expected)"))
    }
  }

  /// What repodata, shards and channel data hold: the keys that have specs, `{}` if none.
  public var json: JSONValue {
    .object(Dictionary(uniqueKeysWithValues: members.map { ($0, .array($1.map(JSONValue.string))) }))
  }

  /// The non-empty lists by their key, in order of the keys.
  var members: [(key: String, specs: [String])] {
    [
      ("noarch", noarch), ("strong", strong), ("strong_constrains", strongConstrains), ("weak", weak),
      ("weak_constrains", weakConstrains),
    ].filter { !$0.1.isEmpty }
  }

  private static func read(_ members: [String: JSONValue]) -> Result<RunExports, MetadataProblems> {
    let lists = members.mapValues { $0.asString == nil ? $0 : .array([$0]) }
    var fields = MetadataFields(file: file, fields: lists)
    let value = RunExports(
      weak: fields.strings("weak"), strong: fields.strings("strong"),
      weakConstrains: fields.strings("weak_constrains"),
      strongConstrains: fields.strings("strong_constrains"),
      noarch: fields.strings("noarch"))
    return fields.problems.isEmpty ? .success(value) : .failure(MetadataProblems(problems: fields.problems))
  }
}
