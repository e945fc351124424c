package import Metadata

/// Asks the permission table with what the database says about a principal.
package struct Authorizer: Sendable {
  let metadata: MetadataStore

  /// - Throws: 401 if logging in could help, 403 `No permission` if not.
  package func require(
    _ action: Action, on channel: ChannelRow, package packageName: String? = nil, for principal: Principal
  ) async throws {
    switch try await decide(action, on: channel, package: packageName, for: principal) {
    case .allow: return
    case .needsLogin: throw APIError.notLoggedIn
    case .refuse: throw APIError.noPermission
    }
  }

  /// A check of the server role alone.
  ///
  /// - Throws: 401, or 403 naming the accepted roles as upstream does.
  package func requireServerRole(for action: Action, _ user: SignedInUser) throws {
    let situation = Permission.Situation(isSignedIn: true, serverRole: user.user.role)
    guard Permission.decide(action, situation) == .allow else {
      let accepted = Permission.rule(for: action).server.sorted(by: >).map(\.rawValue)
      throw APIError.serverRoleRequired(accepted)
    }
  }

  /// What the table says, without throwing.
  package func decide(
    _ action: Action, on channel: ChannelRow, package packageName: String? = nil, for principal: Principal
  ) async throws -> Permission.Decision {
    var situation = Permission.Situation(isSignedIn: false, isPrivate: channel.isPrivate)
    if let user = principal.user {
      situation.isSignedIn = true
      situation.serverRole = user.user.role
      // Public reads and elevated users need no roles from the database.
      if Permission.decide(action, situation) != .allow {
        let roles = try await metadata.roles(
          of: user.user.id, channelID: channel.id, packageName: packageName)
        situation.channelRole = roles.channel
        situation.packageRole = roles.package
      }
    }
    return Permission.decide(action, situation)
  }
}
