/// The headers of one form part, as far as an upload needs them.
struct MultipartHeaders: Equatable, Sendable {
  /// The field's name, e.g. `files`.
  let name: String
  /// The file's name, if the part is a file.
  let fileName: String?

  /// Parses header lines; `nil` without a `Content-Disposition: form-data` that has a name.
  init?(parsing text: String) {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let line = lines.first(where: { $0.lowercased().hasPrefix("content-disposition:") }) else {
      return nil
    }
    let parameters = Self.parameters(of: line.dropFirst("content-disposition:".count))
    guard let name = parameters["name"] else { return nil }
    self.name = name
    fileName = parameters["filename*"].flatMap(Self.decodeExtended) ?? parameters["filename"]
  }

  /// `; key=value` pairs with quoted values, in which a backslash or `%22` stands before a quote.
  private static func parameters(of text: Substring) -> [String: String] {
    var result: [String: String] = [:]
    var rest = text.drop { $0 != ";" }
    while let key = nextKey(&rest) {
      result[key] = nextValue(&rest).replacing("%22", with: "\"")
    }
    return result
  }

  private static func nextKey(_ rest: inout Substring) -> String? {
    rest = rest.drop { $0 == ";" || $0.isWhitespace }
    guard let equals = rest.firstIndex(of: "=") else { return nil }
    let key = rest[..<equals].trimming(while: \.isWhitespace).lowercased()
    rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
    return key
  }

  private static func nextValue(_ rest: inout Substring) -> String {
    guard rest.first == "\"" else {
      let value = rest.prefix { $0 != ";" }
      rest = rest[value.endIndex...]
      return String(value.trimming(while: \.isWhitespace))
    }
    rest = rest.dropFirst()
    var value = ""
    while let character = rest.popFirst(), character != "\"" {
      if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
        value.append(next)
        rest = rest.dropFirst()
      } else {
        value.append(character)
      }
    }
    return value
  }

  /// `UTF-8''name%20with%20escapes` (RFC 5987).
  private static func decodeExtended(_ text: String) -> String? {
    let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
    return PercentEncoding.decode(parts[2])
  }
}
