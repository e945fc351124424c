package import Metadata

/// `quetz add-user-roles`: gives the roles of `[users]` to users who exist.
///
/// A user is touched only if their role is empty or the default one, and never loses a role.
package struct UserRoleAssignment: Sendable {
  let metadata: MetadataStore
  let configuration: UsersConfiguration

  package init(metadata: MetadataStore, configuration: UsersConfiguration) {
    self.metadata = metadata
    self.configuration = configuration
  }

  /// - Returns: A line per user changed.
  package func run() async throws -> [String] {
    var changes: [String] = []
    for provider in Set(configuration.roles.keys.map(\.provider)).sorted() {
      for identity in try await metadata.identities(provider: provider) {
        let key = UsersConfiguration.Identity(provider: provider, login: identity.login)
        guard let role = configuration.roles[key], identity.role != role,
          identity.role == nil || identity.role == configuration.defaultRole
        else { continue }
        try await metadata.setRole(of: identity.userID, to: role)
        changes.append("\(provider):\(identity.login) is \(role.rawValue) now")
      }
    }
    return changes
  }
}
