import CondaTypes
import HTTPTypes

extension RouteDeclarations {
  private static let part = optional("q", SchemaText.part, "Part of the name, in any case.")

  static let users = [
    RouteDeclaration(
      .get, "api/users", "listUsers", "users",
      "Users; without the right to see all of them, oneself.", .action(.listUsers), query: [part], 200,
      list("User")),
    RouteDeclaration(
      .get, "api/paginated/users", "pageUsers", "users", "The same, page by page.", .action(.listUsers),
      query: [part] + paging, 200, page("User")),
    RouteDeclaration(
      .get, "api/users/:username", "showUser", "users", "A user.", .action(.readUser), 200, one("User")),
    RouteDeclaration(
      .delete, "api/users/:username", "deleteUser", "users",
      "End an account, with its keys and sessions.",
      .varies(
        needsLogin: true,
        PermissionTable.sentence(for: .deleteUser)
          + " An owner or maintainer of the server: an owner of the server."), 200, nothing),
    RouteDeclaration(
      .get, "api/users/:username/role", "showUserRole", "users", "A user's role on the server.",
      .action(.readUserRole), 200, one("UserRole")),
    RouteDeclaration(
      .put, "api/users/:username/role", "setUserRole", "users", "Set or take a user's role on the server.",
      .varies(
        needsLogin: true,
        "Owners and maintainers of the server; where the old or the new role is owner or maintainer, owners."),
      body: .json("NewUserRole"), 200, nothing),
    RouteDeclaration(
      .get, "api/users/:username/channels", "listUserChannels", "users", "A user's roles in channels.",
      .action(.readUserMemberships), 200, list("ChannelRole")),
    RouteDeclaration(
      .get, "api/users/:username/packages", "listUserPackages", "users", "A user's roles for packages.",
      .action(.readUserMemberships), 200, list("PackageRole")),
    RouteDeclaration(
      .get, "api/paginated/users/:username/channels", "pageUserChannels", "users", "The same, page by page.",
      .action(.readUserMemberships), query: paging, 200, page("ChannelRole")),
    RouteDeclaration(
      .get, "api/paginated/users/:username/packages", "pageUserPackages", "users", "The same, page by page.",
      .action(.readUserMemberships), query: paging, 200, page("PackageRole")),
  ]

  static let keys = [
    RouteDeclaration(
      .get, "api/api-keys", "listKeys", "keys", "One's keys, without their secrets.", .action(.listKeys), 200,
      list("Key")),
    RouteDeclaration(
      .post, "api/api-keys", "createKey", "keys", "Make a key; the only answer that shows it.",
      .varies(
        needsLogin: true,
        "A key without roles: any user, but not with a scoped key. With roles: whoever may grant each of them."
      ), body: .json("NewKey"), 201, one("Key"), also: [404]),
    RouteDeclaration(
      .delete, "api/api-keys/:key", "deleteKey", "keys", "Revoke a key, by identifier or by its text.",
      .action(.deleteKey), 200, nothing),
    RouteDeclaration(
      .get, "api/audit", "pageAudit", "keys", "Who did what, newest first.",
      .varies(
        needsLogin: true,
        "Owners of the server; with `channel`, owners of the channel and maintainers of the server as well."),
      query: [
        optional("channel", SchemaText.string, "About this channel."),
        optional("action", SchemaText.string, "This action, or a kind that ends in a dot: `member.`."),
        optional("user", SchemaText.string, "Done by this user."),
        optional(
          "key", ["anyOf": [SchemaText.uuid, ["type": "string", "maxLength": 0]]], "Done with this key."),
        optional("since", SchemaText.moment, "Then or later; a day or a time."),
        optional("until", SchemaText.moment, "Before then."),
      ] + paging, 200, page("AuditEntry"), also: [404]),
  ]

  static func sessions(isDevelopment: Bool) -> [RouteDeclaration] {
    var routes = [
      RouteDeclaration(
        .get, "api/me", "showProfile", "sessions", "Who is signed in; a session only.", .action(.readProfile),
        200, one("Profile")),
      RouteDeclaration(
        .delete, "api/sessions", "endSessions", "sessions", "End all sessions of one's account.",
        .action(.endSessions), 200, nothing),
      RouteDeclaration(
        .get, "auth/logout", "logout", "sessions", "End this session.", .action(.readDocumentation), 307,
        .nothing),
      RouteDeclaration(
        .head, "auth/logout", "headLogout", "sessions", "The same.", .action(.readDocumentation), 307,
        .nothing),
    ]
    if isDevelopment {
      routes.append(
        RouteDeclaration(
          .get, "api/dummylogin/:username", "dummyLogin", "sessions", "Sign in without a password (--dev).",
          .action(.readDocumentation), 307, .nothing, also: [404, 429]))
    }
    return routes
  }
}
