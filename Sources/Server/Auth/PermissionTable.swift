import Metadata

/// The permission table as documents show it.
package enum PermissionTable {
  /// A Markdown table with a row per action; `docs/API.md` holds exactly this.
  package static var markdown: String {
    let head = """
      | Action | Anybody | Server | Channel | Package | Credentials | Else |
      | --- | --- | --- | --- | --- | --- | --- |
      """
    return ([head] + Action.allCases.map(row)).joined(separator: "\n")
  }

  /// Who may, in words: for one operation in `/openapi.json`.
  package static func sentence(for action: Action) -> String {
    let rule = Permission.rule(for: action)
    if rule.isOpen { return "Open to everybody." }
    var grants: [String] = []
    if rule.openIfPublic { grants.append("everybody where the channel is public") }
    if rule.anyUser { grants.append("everybody signed in") }
    if rule.own { grants.append("the user it is about") }
    for (roles, place) in [
      (rule.server, "of the server"), (rule.channel, "of the channel"), (rule.package, "of the package"),
    ] where !roles.isEmpty && !(rule.anyUser && place == "of the server") {
      grants.append("\(names(roles)) \(place)")
    }
    return "Allowed for: \(grants.joined(separator: "; "))."
  }

  private static func row(_ action: Action) -> String {
    let rule = Permission.rule(for: action)
    let anybody =
      rule.isOpen
      ? "yes" : rule.openIfPublic ? "if public" : rule.anyUser ? "signed in" : rule.own ? "own" : "–"
    let credentials = rule.isOpen ? "any" : kinds(rule)
    let otherwise = rule.isOpen ? "–" : refusal(rule)
    return
      "| `\(action.rawValue)` | \(anybody) | \(names(rule.server)) | \(names(rule.channel)) | \(names(rule.package)) | \(credentials) | \(otherwise) |"
  }

  private static func names(_ roles: Set<Role>) -> String {
    roles.isEmpty ? "–" : roles.sorted(by: >).map(\.rawValue).joined(separator: ", ")
  }

  private static func kinds(_ rule: PermissionRule) -> String {
    let all: [(CredentialKind, String)] = [
      (.session, "session"), (.fullKey, "key"), (.scopedKey, "scoped key"),
    ]
    let named = all.filter { rule.credentials.contains($0.0) }
    return named.count == all.count ? "any" : named.map(\.1).joined(separator: ", ")
  }

  private static func refusal(_ rule: PermissionRule) -> String {
    switch rule.refusal {
    case .noPermission, .serverRole, .sizeLimit: "403"
    case .notAllowed, .notLoggedIn: "401"
    }
  }
}
