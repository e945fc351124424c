import HTTPTypes

extension RouteDeclarations {
  private static let listed = [
    optional("public", queryFlag, "Whether to show public channels; true by default."),
    optional("q", SchemaText.part, "Part of the name, in any case."),
  ]

  static let channels = [
    RouteDeclaration(
      .get, "api/channels", "listChannels", "channels", "Public channels, and those one is a member of.",
      .action(.listChannels), query: listed, 200, list("Channel")),
    RouteDeclaration(
      .get, "api/paginated/channels", "pageChannels", "channels", "The same, page by page.",
      .action(.listChannels), query: listed + paging, 200, page("Channel")),
    RouteDeclaration(
      .get, "api/channels/search", "searchChannels", "channels", "Search channels.", .action(.listChannels),
      query: [required("q", SchemaText.search, "Words, `NOT word`, `description:…`, `private:…`.")], 200,
      list("ChannelSearch"), also: [401, 403, 404, 429]),
    RouteDeclaration(
      .post, "api/channels", "createChannel", "channels", "Create a channel; the caller becomes its owner.",
      .varies(
        needsLogin: true,
        PermissionTable.sentence(for: .createChannel)
          + " A mirror or proxy, and `size_limit`: owner, maintainer of the server."),
      query: [
        optional("register_mirror", queryFlag, "Not supported; false by default."),
        optional("mirror_api_key", SchemaText.string, "Ignored."),
      ], body: .json("NewChannel"), 201, nothing, also: [405, 409]),
    RouteDeclaration(
      .get, "api/channels/:channel", "showChannel", "channels", "A channel.", .action(.readChannel), 200,
      one("Channel")),
    RouteDeclaration(
      .patch, "api/channels/:channel", "changeChannel", "channels", "Change a channel.",
      .varies(
        needsLogin: true,
        PermissionTable.sentence(for: .updateChannel) + " `size_limit`: owner, maintainer of the server."),
      body: .json("ChannelChanges"), 200, one("ChannelBase"), also: [405]),
    RouteDeclaration(
      .delete, "api/channels/:channel", "deleteChannel", "channels", "Delete a channel and all in it.",
      .action(.deleteChannel), 200, nothing),
    RouteDeclaration(
      .put, "api/channels/:channel/actions", "startAction", "channels", "Start a job on a channel.",
      .varies(
        needsLogin: true,
        "Owners and maintainers of the channel; `cleanup`, `cleanup_dry_run`: owners; `validate_packages`: owners and maintainers of the server."
      ), body: .json("NewAction"), 200, one("Job"), also: [405]),
  ]

  private static let patchesPath = "api/channels/:channel/patches"

  static let patches = [
    RouteDeclaration(
      .get, patchesPath, "listPatches", "patches", "The repodata patches of a channel.",
      .action(.readChannel),
      200, list("Patch"), also: [405]),
    RouteDeclaration(
      .put, patchesPath, "setPatchPackage", "patches",
      "Set the patches of all subdirs that a patch package has; the body is the package.",
      .action(.changePatches),
      query: [required("filename", SchemaText.string, "The package's file name.")], body: .bytes, 200,
      nothing,
      also: [405]),
    RouteDeclaration(
      .get, "\(patchesPath)/:subdir", "showPatch", "patches", "A subdir's patch_instructions.json.",
      .action(.readChannel), 200, one("PatchInstructions"), also: [405]),
    RouteDeclaration(
      .put, "\(patchesPath)/:subdir", "setPatch", "patches",
      "Set a subdir's patch, instead of the one it has.",
      .action(.changePatches), body: .json("PatchInstructions"), 200, nothing, also: [405]),
    RouteDeclaration(
      .delete, "\(patchesPath)/:subdir", "removePatch", "patches", "Take a subdir's patch back.",
      .action(.changePatches), 200, nothing, also: [405]),
    RouteDeclaration(
      .post, "\(patchesPath)/:subdir/preview", "previewPatch", "patches",
      "What a patch would change; nothing is changed.", .action(.changePatches),
      body: .json("PatchInstructions"), 200, one("PatchPreview"), also: [405]),
  ]

  static let news = [
    RouteDeclaration(
      .get, "api/channels/:channel/notices", "listNotices", "news", "The notices of a channel, newest first.",
      .action(.readChannel), 200, list("Notice"), also: [405]),
    RouteDeclaration(
      .post, "api/channels/:channel/notices", "addNotice", "news", "Tell something to a channel's users.",
      .action(.changeNotices), body: .json("NewNotice"), 201, one("Notice"), also: [405]),
    RouteDeclaration(
      .delete, "api/channels/:channel/notices/:notice", "removeNotice", "news", "Take a notice away.",
      .action(.changeNotices), 200, nothing, also: [405]),
    RouteDeclaration(
      .get, "api/channels/:channel/relations", "showRelations", "news",
      "Which channels this one builds upon or stands in front of.", .action(.readChannel), 200,
      one("Relations"), also: [405]),
    RouteDeclaration(
      .put, "api/channels/:channel/relations", "setRelations", "news", "Declare such channels.",
      .action(.changeRelations), body: .json("NewRelations"), 200, one("Relations"), also: [405]),
    RouteDeclaration(
      .get, "api/channels/:channel/index", "showIndexState", "news", "How fresh a channel's index is.",
      .action(.readChannel), 200, one("IndexState"), also: [405]),
  ]

  static let members = [
    RouteDeclaration(
      .get, "api/channels/:channel/members", "listMembers", "members", "The members of a channel.",
      .action(.listMembers), 200, list("Member"), also: [405]),
    RouteDeclaration(
      .post, "api/channels/:channel/members", "setMember", "members", "Give a user a role in a channel.",
      .action(.changeMembers), body: .json("NewMember"), 201, nothing, also: [405]),
    RouteDeclaration(
      .delete, "api/channels/:channel/members", "removeMember", "members", "Take a user's role away.",
      .action(.changeMembers), query: [required("username", SchemaText.string, "Whose.")], 200, nothing,
      also: [405]),
    RouteDeclaration(
      .get, "api/channels/:channel/mirrors", "listMirrors", "members", "The mirrors of a channel.",
      .action(.readChannel), 200, list("ChannelMirror"), also: [405]),
    RouteDeclaration(
      .post, "api/channels/:channel/mirrors", "addMirror", "members", "Register a mirror.",
      .action(.changeMirrors), body: .json("NewMirror"), 201, nothing, also: [405, 409]),
    RouteDeclaration(
      .delete, "api/channels/:channel/mirrors/:mirror", "removeMirror", "members", "Remove a mirror.",
      .action(.changeMirrors), 200, nothing, also: [405, 422]),
  ]
}
