package import CondaTypes
package import HTTPTypes

/// What one route is, as data: `/openapi.json` and the tests are made from it; the router is compared with it.
package struct RouteDeclaration: Sendable {
  /// Who may call it.
  package enum Access: Sendable {
    /// A row of the permission table.
    case action(Action)
    /// Depends on what the request says; the sentence tells how.
    case varies(needsLogin: Bool, String)
  }

  /// A parameter in the query.
  package struct Parameter: Sendable {
    package let name: String
    package let schema: JSONValue
    package let isRequired: Bool
    package let summary: String
  }

  /// What a request's body is.
  package enum Body: Sendable {
    case json(String)
    case bytes
    case form
  }

  /// What a success has to say.
  package enum Content: Sendable {
    case json(JSONValue)
    case text(String)
    /// A redirect, or HEAD.
    case nothing
    /// The files of channels: whatever type they have.
    case file
  }

  package let method: HTTPRequest.Method
  /// As the router has it: `api/channels/:channel`, `get/:channel/**`.
  package let path: String
  package let id: String
  package let tag: String
  package let summary: String
  package let access: Access
  package let query: [Parameter]
  package let body: Body?
  package let success: (status: Int, content: Content)
  /// What the route says beyond what follows from its access, path, query and body.
  package let otherStatuses: [Int]

  package init(
    _ method: HTTPRequest.Method, _ path: String, _ id: String, _ tag: String, _ summary: String,
    _ access: Access, query: [Parameter] = [], body: Body? = nil, _ status: Int, _ content: Content,
    also otherStatuses: [Int] = []
  ) {
    self.method = method
    self.path = path
    self.id = id
    self.tag = tag
    self.summary = summary
    self.access = access
    self.query = query
    self.body = body
    self.success = (status, content)
    self.otherStatuses = otherStatuses
  }

  /// As OpenAPI has it: `/api/channels/{channel}`, `/get/{channel}/{path}`.
  package var template: String {
    "/"
      + path.split(separator: "/").map { segment in
        segment == "**" ? "{path}" : segment.hasPrefix(":") ? "{\(segment.dropFirst())}" : String(segment)
      }.joined(separator: "/")
  }

  /// The names in the template.
  package var pathParameters: [String] {
    path.split(separator: "/").compactMap { segment in
      segment == "**" ? "path" : segment.hasPrefix(":") ? String(segment.dropFirst()) : nil
    }
  }

  /// Whether the route changes something.
  package var isChange: Bool { method != .get && method != .head }

  /// Whether the anonymous are always refused.
  package var needsLogin: Bool {
    switch access {
    case .varies(let needsLogin, _): needsLogin
    case .action(let action):
      Permission.decide(action, .init(credential: .anonymous, isPrivate: false)) != .allow
    }
  }

  /// Every status of a refusal or failure that the route can answer with, in order.
  package var errorStatuses: [Int] {
    var statuses = Set(otherStatuses)
    if !path.hasPrefix("health/"), !isOpen { statuses.formUnion([401, 429]) }
    if isChange { statuses.formUnion([403, 503, 507]) }
    switch access {
    case .varies: statuses.insert(403)
    case .action(let action):
      let refused = Permission.decide(action, .init(credential: .scopedKey))
      if refused != .allow { statuses.insert(refused.status) }
    }
    if !pathParameters.isEmpty { statuses.insert(404) }
    if !query.isEmpty { statuses.insert(422) }
    if body != nil { statuses.formUnion([400, 413, 422]) }
    return statuses.sorted()
  }

  /// Whether everybody may, wherever it is.
  package var isOpen: Bool {
    if case .action(let action) = access { Permission.rule(for: action).isOpen } else { false }
  }
}
