import CondaTypes
import HTTPTypes

extension RouteDeclarations {
  private static let part = optional("q", SchemaText.part, "Part of the name, in any case.")

  static let packages = [
    RouteDeclaration(
      .get, "api/packages/search", "searchPackages", "packages", "Search packages in all channels.",
      .action(.listChannels),
      query: [required("q", SchemaText.search, "Words, `NOT word`, `channel:…`, `platform:…`, `summary:…`.")],
      200, list("PackageSearch")),
    RouteDeclaration(
      .get, "api/channels/:channel/packages", "listPackages", "packages", "The packages of a channel.",
      .action(.readChannel), query: [part], 200, list("Package"), also: [405]),
    RouteDeclaration(
      .get, "api/paginated/channels/:channel/packages", "pagePackages", "packages", "The same, page by page.",
      .action(.readChannel),
      query: [part, optional("order_by", SchemaText.string, "Fields with `:asc` or `:desc`, by commas.")]
        + paging, 200, page("Package"), also: [405]),
    RouteDeclaration(
      .post, "api/channels/:channel/packages", "createPackage", "packages", "Create an empty package.",
      .action(.createPackage), body: .json("NewPackage"), 201, nothing, also: [405, 409]),
    RouteDeclaration(
      .get, "api/channels/:channel/packages/:package", "showPackage", "packages", "A package.",
      .action(.readPackage), 200, one("Package")),
    RouteDeclaration(
      .delete, "api/channels/:channel/packages/:package", "deletePackage", "packages",
      "Delete a package and its artifacts.", .action(.deletePackage), 200, nothing),
    RouteDeclaration(
      .get, "api/channels/:channel/packages/:package/members", "listPackageMembers", "packages",
      "Who has a role for a package.", .action(.readPackage), 200, list("Member")),
    RouteDeclaration(
      .post, "api/channels/:channel/packages/:package/members", "addPackageMember", "packages",
      "Give a user a role for a package.", .action(.addPackageMember), body: .json("NewMember"), 201, nothing,
      also: [409]),
    RouteDeclaration(
      .post, "api/channels/:channel/packages/copy", "copyArtifact", "packages",
      "Copy an artifact from another channel; no bytes move.", .action(.copyIntoChannel),
      query: [
        required("source_channel", SchemaText.string, "From which channel; it must be readable."),
        required("source_package", SchemaText.string, "Which package."),
        required("subdir", SchemaText.string, "In which subdir."),
        required("filename", SchemaText.string, "Which file."),
      ], 201, nothing, also: [405, 409]),
  ]

  private static let versionsPath = "channels/:channel/packages/:package/versions"
  private static let filter = [
    optional("time_created__ge", SchemaText.moment, "Made then or later."),
    optional("version_match_str", ["type": "string"], "A version spec as conda has it: `>=1.2,<2`."),
  ]

  static let versions = [
    RouteDeclaration(
      .get, "api/\(versionsPath)", "listVersions", "packages", "The artifacts of a package, newest first.",
      .action(.readPackage), query: filter, 200, list("PackageVersion")),
    RouteDeclaration(
      .get, "api/paginated/\(versionsPath)", "pageVersions", "packages", "The same, page by page.",
      .action(.readPackage), query: filter + paging, 200, page("PackageVersion")),
    RouteDeclaration(
      .get, "api/\(versionsPath)/:platform/:filename", "showVersion", "packages", "An artifact.",
      .action(.readPackage), 200, one("PackageVersion")),
    RouteDeclaration(
      .delete, "api/\(versionsPath)/:platform/:filename", "deleteVersion", "packages", "Delete an artifact.",
      .action(.deleteVersion), 200, nothing),
    RouteDeclaration(
      .post, "api/\(versionsPath)/:platform/:filename/restore", "restoreVersion", "packages",
      "Bring back a deleted artifact.", .action(.copyIntoChannel), 201, nothing, also: [405, 409, 422]),
    RouteDeclaration(
      .post, "api/\(versionsPath)/:platform/:filename/yank", "yankVersion", "packages",
      "Take an artifact out of the index; its file stays.", .action(.yankVersion), body: .json("NewYank"),
      200,
      one("PackageVersion")),
    RouteDeclaration(
      .delete, "api/\(versionsPath)/:platform/:filename/yank", "unyankVersion", "packages",
      "Put a yanked artifact back into the index.", .action(.yankVersion), 200, one("PackageVersion")),
  ]
}
