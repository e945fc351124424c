package import Metadata

/// `[users]`
///
/// - `admins`, `maintainers`, `members` (lists, []): `"provider:login"`, e.g. `"github:alice"`, `"dummy:alice"`.
/// - `default_role` (string, none): the server role of new users; `member` lets them create channels.
/// - `collect_emails`, `create_default_channel` (bool, false): read with the login providers, later.
package struct UsersConfiguration: Sendable {
  /// The role that the lists give to `provider:login`; the highest wins.
  package var roles: [Identity: Role]
  package var defaultRole: Role?

  /// The role of a new user: from the lists, else the default one.
  package func role(of login: String, provider: String) -> Role? {
    roles[Identity(provider: provider, login: login)] ?? defaultRole
  }

  /// A login at a provider.
  package struct Identity: Hashable, Sendable {
    package let provider: String
    package let login: String
  }

  package init(reading reader: inout ConfigurationReader) {
    roles = [:]
    for (key, role) in [("admins", Role.owner), ("maintainers", .maintainer), ("members", .member)] {
      for entry in reader.strings("users", key) {
        let parts = entry.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
          reader.report("users", key, "found \"\(entry)\", expected \"provider:login\"")
          continue
        }
        let identity = Identity(provider: String(parts[0]), login: String(parts[1]))
        roles[identity] = max(roles[identity] ?? role, role)
      }
    }
    let word = reader.optionalString("users", "default_role")
    defaultRole = word.flatMap(Role.init(rawValue:))
    if let word, defaultRole == nil {
      reader.report("users", "default_role", "found \"\(word)\", expected owner, maintainer or member")
    }
    _ = reader.bool("users", "collect_emails", default: false)
    _ = reader.bool("users", "create_default_channel", default: false)
  }
}
