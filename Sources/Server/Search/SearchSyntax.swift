import APITypes
import CondaTypes
import Metadata

/// What somebody typed into a search box (quetz-api.md §1.3): words, `"words in quotes"`, `NOT word`, `key:a,b`,
/// `-key:a`.
///
/// Split as a shell does: quotes, single or double, group; a backslash takes the next character literally.
struct SearchSyntax {
  let filters: [SearchFilter]
  /// `private:` of a channel search.
  let isPrivate: Bool?

  /// - Parameters:
  ///   - text: As typed, decoded.
  ///   - keys: The filters there are; any other `key:…` is dropped.
  /// - Throws: 422 for open quotes, a `NOT` without a word, or a `private:` that is no boolean.
  init(parsing text: String, keys: Set<SearchFilter.Field>, knowsPrivate: Bool = false) throws {
    guard !text.utf8.contains(0) else { throw Self.error("it contains a NUL character") }
    guard text.unicodeScalars.count <= Self.longest else {
      throw Self.error("it is longer than \(Self.longest) characters")
    }
    var filters: [SearchFilter] = []
    var isPrivate: Bool?
    var isNegated = false
    for token in try Self.split(text) {
      if token == "NOT", !isNegated {
        isNegated = true
        continue
      }
      if let filter = Self.keyed(token) {
        if knowsPrivate, filter.key == "private" {
          isPrivate = try Self.boolean(filter) != isNegated
        } else if let field = SearchFilter.Field(rawValue: filter.key), keys.contains(field),
          !filter.parts.isEmpty
        {
          filters.append(SearchFilter(field, filter.parts, isNegated: filter.isNegated != isNegated))
        }
      } else {
        filters.append(SearchFilter(.name, [token], isNegated: isNegated))
      }
      isNegated = false
    }
    if isNegated { throw Self.error("NOT needs a word after it") }
    guard filters.reduce(0, { $0 + $1.parts.count }) <= Self.mostParts else {
      throw Self.error("it has more than \(Self.mostParts) words")
    }
    self.filters = filters
    self.isPrivate = isPrivate
  }

  /// What a search may be at most: everybody may send one, and every word costs.
  static let longest = 4096
  static let mostParts = 50

  private struct Keyed {
    let key: String
    let parts: [String]
    let isNegated: Bool
  }

  /// `key:a,b` or `-key:a`.
  private static func keyed(_ token: String) -> Keyed? {
    guard let colon = token.firstIndex(of: ":") else { return nil }
    let isNegated = token.hasPrefix("-")
    let parts = token[token.index(after: colon)...].split(separator: ",").map(String.init)
    return Keyed(
      key: token[..<colon].dropFirst(isNegated ? 1 : 0).lowercased(), parts: parts, isNegated: isNegated)
  }

  private static func boolean(_ filter: Keyed) throws -> Bool {
    guard filter.parts.count == 1, let value = QueryParameters.parseBool(filter.parts[0]) else {
      throw error("private takes one of true and false")
    }
    return value != filter.isNegated
  }

  private static func split(_ text: String) throws -> [String] {
    var tokens: [String] = []
    var token: String?
    var quote: Character?
    var characters = text.makeIterator()
    while let character = characters.next() {
      switch character {
      case "\\" where quote != "'":
        guard let next = characters.next() else { throw error("it ends with a backslash") }
        // Within double quotes a backslash is itself, unless it protects a quote or another backslash.
        if quote == "\"", next != "\"", next != "\\" { token = (token ?? "") + "\\" }
        token = (token ?? "") + String(next)
      case "\"", "'":
        if quote == nil {
          quote = character
          token = token ?? ""
        } else if quote == character {
          quote = nil
        } else {
          token?.append(character)
        }
      case _ where character.isWhitespace && quote == nil:
        if let complete = token { tokens.append(complete) }
        token = nil
      default:
        token = (token ?? "") + String(character)
      }
    }
    guard quote == nil else { throw error("a quotation mark is missing") }
    if let token { tokens.append(token) }
    return tokens
  }

  private static func error(_ reason: String) -> APIError {
    APIError(.invalidSearch, "the search cannot be read: \(reason)")
  }
}
