import CondaTypes

/// What requests may say. Booleans are read in pydantic's words as well, numbers as text, times as text or Unix time.
extension OpenAPISchemas {
  private typealias S = SchemaText

  private static let flag: JSONValue = [
    "anyOf": [
      S.boolean, ["type": "integer", "enum": [0, 1]],
      ["type": "string", "pattern": "^(?:[Tt]rue|[Ff]alse|1|0|[Oo]n|[Oo]ff|[Yy]es|[Nn]o|[TtFfYyNn])$"],
    ]
  ]
  private static let count = S.nullable([
    "anyOf": [
      ["type": "integer", "minimum": 0, "maximum": .integer(.max)],
      ["type": "string", "pattern": "^[0-9]{1,18}$"],
    ]
  ])
  private static let moment = S.nullable(S.moment)
  private static let repetition: JSONValue = [
    "anyOf": [
      ["type": "integer", "minimum": 1, "maximum": .integer(JobController.longestRepetition)],
      ["type": "string", "pattern": "^[1-9][0-9]{0,7}$"], S.null,
    ]
  ]
  private static let url = S.nullable(["type": "string", "pattern": "^https?://.+"])
  private static let strings = S.nullable(S.list(S.string))
  private static let mirrorLists = S.nullable(
    S.input(["includelist": strings, "excludelist": strings, "proxylist": strings]))
  private static let action = S.words(
    "synchronize", "synchronize_repodata", "reindex", "generate_indexes", "validate_packages",
    "synchronize_metrics", "cleanup", "cleanup_dry_run")

  private static let patchFiles = S.list(["type": "string", "pattern": "\\.(conda|tar\\.bz2)$"])

  private static func patchFields(_ ending: String) -> JSONValue {
    [
      "type": "object", "propertyNames": ["pattern": .string("\\.\(ending)$")],
      "additionalProperties": ["type": "object"],
    ]
  }

  private static let newRole = S.input(
    ["channel": ["type": "string", "minLength": 1], "package": S.nullable(S.string), "role": S.role],
    required: ["channel", "role"])

  static let inputs: [String: JSONValue] = [
    "NewChannel": S.input(
      [
        "name": [
          "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9-]*(?:\\.[A-Za-z0-9-]+)*$", "maxLength": 50,
        ],
        "description": S.nullable(["type": "string", "maxLength": 300]), "private": flag,
        "size_limit": count, "ttl": count, "mirror_channel_url": url,
        "mirror_mode": S.nullable(S.words("proxy", "mirror")), "metadata": mirrorLists,
        "actions": S.nullable(S.list(action)),
      ], required: ["name"]),
    "ChannelChanges": S.input([
      "private": S.nullable(flag), "size_limit": count, "ttl": count,
      "metadata": mirrorLists,
    ]),
    "NewMember": S.input(["username": S.string, "role": S.role], required: ["username", "role"]),
    "NewUserRole": S.input(["role": S.nullable(S.role)]),
    "NewPackage": S.input(
      [
        "name": ["type": "string", "pattern": "^[a-z0-9_][a-z0-9_.-]*$", "maxLength": 64],
        "summary": S.nullable(S.string), "description": S.nullable(S.string),
      ], required: ["name"]),
    "PatchInstructions": S.input(
      [
        "patch_instructions_version": ["type": "integer", "enum": [1, 2]],
        "packages": patchFields("tar\\.bz2"),
        "packages.conda": patchFields("conda"), "remove": patchFiles, "revoke": patchFiles,
      ], required: ["patch_instructions_version"]),
    "NewNotice": S.input(
      [
        "message": ["type": "string", "minLength": 1, "maxLength": 1000, "pattern": "\\S"],
        "level": S.nullable(S.words("info", "warning", "critical")), "expires_at": moment,
      ], required: ["message", "expires_at"]),
    "NewRelations": S.input([
      "base": S.nullable(["type": "string", "pattern": "^\\.\\./", "maxLength": 256]),
      "overrides": S.nullable(["type": "string", "pattern": "^\\.\\./", "maxLength": 256]),
    ]),
    "NewYank": S.input(
      ["reason": ["type": "string", "minLength": 1, "maxLength": 1000, "pattern": "\\S"]],
      required: ["reason"]),
    "NewMirror": S.input(
      [
        "url": ["type": "string", "pattern": "^https?://.+"], "api_endpoint": url, "metrics_endpoint": url,
      ], required: ["url"]),
    "NewAction": S.input(
      ["action": action, "start_at": moment, "repeat_every_seconds": repetition],
      required: ["action"]),
    "NewJob": S.input(
      [
        "manifest": S.words(
          "synchronize", "synchronize_repodata", "validate_packages", "generate_indexes", "reindex",
          "synchronize_metrics", "db_cleanup", "db_cleanup_dry_run", "pkgstore_cleanup",
          "pkgstore_cleanup_dry_run"),
        "items_spec": S.string, "start_at": moment, "repeat_every_seconds": repetition,
      ], required: ["manifest", "items_spec"]),
    "JobChanges": S.input(["status": S.nullable(jobStatus), "force": flag]),
    "NewKey": S.input(
      [
        "description": S.string, "expire_at": S.nullable(S.day),
        "roles": S.nullable([
          "type": "array", "items": newRole, "maxItems": .integer(Int64(APIKeyController.mostRoles)),
        ]),
      ], required: ["description"]),
  ]
}
