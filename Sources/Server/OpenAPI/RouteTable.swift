import HTTPTypes

/// The routes as documents show them: `docs/API.md` holds exactly this.
package enum RouteTable {
  /// A Markdown table with a row per route.
  package static func markdown(_ routes: [RouteDeclaration]) -> String {
    let head = "| Route | Permission | Success | Errors |\n| --- | --- | --- | --- |"
    return ([head] + routes.map(row)).joined(separator: "\n")
  }

  private static func row(_ route: RouteDeclaration) -> String {
    let permission =
      switch route.access {
      case .action(let action): "`\(action.rawValue)`"
      case .varies(_, let sentence): sentence
      }
    let errors = route.errorStatuses.map(String.init).joined(separator: ", ")
    return
      "| \(route.method.rawValue) `\(route.template)` | \(permission) | \(route.success.status) | \(errors) |"
  }
}
