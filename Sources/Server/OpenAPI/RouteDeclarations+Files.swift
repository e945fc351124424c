import HTTPTypes

extension RouteDeclarations {
  private static let fileErrors = [304, 404, 412, 416, 502]

  static let files: [RouteDeclaration] = ["get", "channels"].flatMap { mount in
    ["\(mount)/:channel", "\(mount)/:channel/**"].flatMap { path -> [RouteDeclaration] in
      let suffix = (mount == "get" ? "" : "Legacy") + (path.hasSuffix("**") ? "File" : "Page")
      return [
        RouteDeclaration(
          .get, path, "get\(suffix)", "files", "A file of a channel, for conda clients.",
          .action(.readChannel), 200, .file, also: fileErrors + [206]),
        RouteDeclaration(
          .head, path, "head\(suffix)", "files", "The same without its bytes.", .action(.readChannel), 200,
          .file, also: fileErrors + [206]),
      ]
    }
  }

  private static let uploadErrors = [404, 405, 409]
  private static let formAccess = RouteDeclaration.Access.varies(
    needsLogin: true,
    "Whoever may read the channel and is maintainer or owner of the channel or of the package; `force` asks for an owner."
  )

  static let uploads = [
    RouteDeclaration(
      .post, "api/channels/:channel/upload/:filename", "upload", "uploads",
      "Publish a package; the body is the file.", .action(.upload),
      query: [
        required("sha256", SchemaText.string, "The file's SHA-256 in lower-case hex; empty: not compared."),
        optional("force", queryFlag, "Replace a file of this name; asks for an owner."),
      ], body: .bytes, 201, nothing, also: uploadErrors + [406]),
    RouteDeclaration(
      .post, "api/channels/:channel/files", "uploadFiles", "uploads", "Publish packages by a form.",
      formAccess, body: .form, 201, nothing, also: uploadErrors),
    RouteDeclaration(
      .post, "api/channels/:channel/packages/:package/files", "uploadPackageFiles", "uploads",
      "Publish artifacts of one package by a form.", formAccess, body: .form, 201, nothing,
      also: uploadErrors),
  ]
}
