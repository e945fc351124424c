import Foundation
internal import GRDB

/// A search as SQL. Filters decide how many conditions there are; what they look for is always an argument.
///
/// `packageText` narrows the candidates by runs of three characters; `LIKE` then decides, so that both agree on case and
/// on what is literal.
struct SearchQuery {
  enum Subject {
    case packages
    case channels
  }

  private(set) var sql: String
  private(set) var arguments = StatementArguments()
  private var conditions: [String] = []

  init(
    _ filters: [SearchFilter], over subject: Subject, isPrivate: Bool? = nil,
    visibleTo visibility: ChannelVisibility
  ) {
    sql = ""
    if case .packages = subject, let expression = Self.textExpression(filters) {
      add("package.id IN (SELECT rowid FROM packageText WHERE packageText MATCH ?)", [expression])
    }
    switch visibility {
    case .publicOnly: add("NOT channel.isPrivate", [])
    case .publicAndMember(let user): add("(NOT channel.isPrivate OR \(ChannelVisibility.isMember))", [user])
    case .memberOnly(let user): add(ChannelVisibility.isMember, [user])
    }
    if let isPrivate { add("channel.isPrivate = ?", [isPrivate]) }
    for filter in filters { add(filter, over: subject) }
    let condition = conditions.joined(separator: " AND ")
    switch subject {
    case .packages:
      let columns = PackageRow.columns.split(separator: ",")
        .map { "package." + $0.trimmingCharacters(in: .whitespaces) }.joined(separator: ", ")
      sql = """
        SELECT \(columns), channel.name AS channelName FROM package
        JOIN channel ON channel.id = package.channelID WHERE \(condition) ORDER BY package.name, channel.name
        """
    case .channels:
      sql = "SELECT channel.* FROM channel WHERE \(condition) ORDER BY channel.name"
    }
  }

  private mutating func add(_ condition: String, _ values: StatementArguments) {
    conditions.append(condition)
    arguments += values
  }

  private mutating func add(_ filter: SearchFilter, over subject: Subject) {
    let column =
      switch (subject, filter.field) {
      case (.channels, .description): "channel.description"
      case (.channels, _), (.packages, .channel): "channel.name"
      case (.packages, .name): "package.name"
      case (.packages, .description): "package.description"
      case (.packages, .summary): "package.summary"
      case (.packages, .platform): "package.platforms"
      }
    let anyPart = filter.parts.map { _ in "ifnull(\(column), '') LIKE ? ESCAPE '\\'" }.joined(
      separator: " OR ")
    let patterns = StatementArguments(filter.parts.map(likePattern(containing:)))
    add(filter.isNegated ? "NOT (\(anyPart))" : "(\(anyPart))", patterns)
  }

  /// What `packageText` can say about the filters, in FTS5's language; nil if nothing.
  static func textExpression(_ filters: [SearchFilter]) -> String? {
    let terms = filters.compactMap { filter -> String? in
      // The index has runs of three characters: with a shorter part among the alternatives it cannot help.
      guard !filter.isNegated, filter.field == .name || filter.field == .summary,
        filter.parts.allSatisfy({ $0.unicodeScalars.count >= 3 })
      else { return nil }
      let phrases = filter.parts.map { "\"\($0.replacing("\"", with: "\"\""))\"" }
      return "\(filter.field.rawValue) : (\(phrases.joined(separator: " OR ")))"
    }
    return terms.isEmpty ? nil : terms.joined(separator: " AND ")
  }
}
