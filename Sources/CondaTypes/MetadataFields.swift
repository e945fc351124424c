/// The members of a JSON metadata file, read key by key; what does not fit is noted, so all problems are
/// reported together.
///
/// A member that is `null` counts as absent, as conda's tools write `"license": null` freely.
struct MetadataFields {
  let file: String
  let fields: [String: JSONValue]
  private(set) var problems: [MetadataProblem] = []

  /// Reads a file whose top level must be an object.
  static func parse(_ bytes: [UInt8], file: String) -> Result<MetadataFields, MetadataProblems> {
    do {
      let value = try JSONValue(parsing: bytes)
      guard let fields = value.asObject else {
        return .failure(problem(file: file, found: value.kind, expected: "an object"))
      }
      return .success(MetadataFields(file: file, fields: fields))
    } catch {
      return .failure(problem(file: file, found: error.found, expected: "valid JSON: \(error.expected)"))
    }
  }

  /// A failure of one problem about a whole file.
  static func problem(file: String, found: String, expected: String) -> MetadataProblems {
    MetadataProblems(problems: [MetadataProblem(file: file, key: nil, found: found, expected: expected)])
  }

  init(file: String, fields: [String: JSONValue]) {
    self.file = file
    self.fields = fields
  }

  mutating func note(_ key: String, found: String, expected: String) {
    problems.append(MetadataProblem(file: file, key: key, found: found, expected: expected))
  }

  /// The member, with `null` as absent.
  func value(_ key: String) -> JSONValue? { fields[key].flatMap { $0 == .null ? nil : $0 } }

  /// A text that must be there and that `parse` must accept.
  mutating func required<Value>(
    _ key: String, _ parse: (String) throws(ParseError) -> Value
  ) -> Value? {
    guard let value = value(key) else {
      note(key, found: fields[key] == nil ? "nothing" : "null", expected: "a string")
      return nil
    }
    guard let text = value.asString else {
      note(key, found: value.kind, expected: "a string")
      return nil
    }
    do {
      return try parse(text)
    } catch {
      note(key, found: "'\(text)'", expected: error.expected)
      return nil
    }
  }

  mutating func optionalString(_ key: String) -> String? {
    guard let value = value(key) else { return nil }
    if value.asString == nil { note(key, found: value.kind, expected: "a string") }
    return value.asString
  }

  /// Texts, or none if the key is absent.
  mutating func strings(_ key: String) -> [String] {
    guard let value = value(key) else { return [] }
    guard let values = value.asArray else {
      note(key, found: value.kind, expected: "an array of strings")
      return []
    }
    for (index, value) in values.enumerated() where value.asString == nil {
      note("\(key)[\(index)]", found: value.kind, expected: "a string")
    }
    return values.compactMap(\.asString)
  }

  /// A whole number of 0 or more; `1.0` counts as whole, a number as text does not.
  mutating func wholeNumber(_ key: String, isRequired: Bool = false) -> Int64? {
    guard let value = value(key) else {
      if isRequired {
        note(key, found: fields[key] == nil ? "nothing" : "null", expected: "a whole number of 0 or more")
      }
      return nil
    }
    var number = value.asInteger
    if case .number(let double) = value { number = Int64(exactly: double) }
    guard let number, number >= 0 else {
      let found = value.asArray == nil && value.asObject == nil ? value.canonicalText() : value.kind
      note(key, found: found, expected: "a whole number of 0 or more")
      return nil
    }
    return number
  }
}
