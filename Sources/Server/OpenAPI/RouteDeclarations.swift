import CondaTypes

/// Every route of the server. A test compares this with the router, route by route.
package enum RouteDeclarations {
  /// - Parameter isDevelopment: Whether the password-less login is there.
  package static func all(isDevelopment: Bool) -> [RouteDeclaration] {
    files + uploads + channels + members + patches + news + packages + versions + users + keys
      + sessions(isDevelopment: isDevelopment) + jobs + operations + documentation
  }

  static let queryFlag: JSONValue = [
    "type": "string", "enum": ["true", "false", "True", "False", "1", "0", "on", "off", "yes", "no"],
  ]

  static func optional(_ name: String, _ schema: JSONValue, _ summary: String) -> RouteDeclaration.Parameter {
    .init(name: name, schema: schema, isRequired: false, summary: summary)
  }

  static func required(_ name: String, _ schema: JSONValue, _ summary: String) -> RouteDeclaration.Parameter {
    .init(name: name, schema: schema, isRequired: true, summary: summary)
  }

  static let paging = [
    optional("skip", SchemaText.position, "How many to leave out; 0 by default."),
    optional("limit", SchemaText.position, "How many at most; 20 by default, negative for all."),
  ]

  static let nothing = RouteDeclaration.Content.json(SchemaText.null)

  static func one(_ name: String) -> RouteDeclaration.Content { .json(SchemaText.reference(name)) }
  static func list(_ name: String) -> RouteDeclaration.Content {
    .json(SchemaText.list(SchemaText.reference(name)))
  }
  static func page(_ name: String) -> RouteDeclaration.Content { .json(SchemaText.page(name)) }
}
