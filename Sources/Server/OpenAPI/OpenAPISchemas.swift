import CondaTypes

/// The named schemas of `/openapi.json`. Answers have exactly the fields of quetz-api.md §0.6.
enum OpenAPISchemas {
  private typealias S = SchemaText

  static let all: JSONValue = .object(
    errors.merging(accounts) { first, _ in first }.merging(content) { first, _ in first }
      .merging(operations) { first, _ in first }.merging(inputs) { first, _ in first })

  private static let errors: [String: JSONValue] = [
    "Error": S.object([
      "detail": ["anyOf": [S.string, S.list(S.string), S.list(S.reference("ValidationIssue"))]]
    ]),
    "ValidationIssue": [
      "type": "object", "required": ["type", "loc", "msg", "input"],
      "properties": [
        "type": S.string, "loc": S.list(["type": ["string", "integer"]]), "msg": S.string,
        "input": S.anything, "ctx": ["type": "object"],
      ],
    ],
  ]

  private static let accounts: [String: JSONValue] = [
    "BaseProfile": S.object(["name": S.nullable(S.string), "avatar_url": S.string]),
    "Profile": S.object([
      "name": S.nullable(S.string), "avatar_url": S.string,
      "user": S.object(["id": S.uuid, "username": S.string]),
    ]),
    "User": S.object(["id": S.uuid, "username": S.string, "profile": S.reference("BaseProfile")]),
    "UserRole": S.object(["role": S.nullable(S.role)]),
    "Member": S.object(["role": S.role, "user": S.reference("User")]),
    "ChannelRole": S.object(["name": S.string, "role": S.role]),
    "PackageRole": S.object(["name": S.string, "channel_name": S.string, "role": S.role]),
    "KeyRole": S.object(["channel": S.string, "package": S.nullable(S.string), "role": S.role]),
    "Key": S.object([
      "description": S.string, "time_created": S.day, "expire_at": S.nullable(S.day),
      "roles": S.nullable(S.list(S.reference("KeyRole"))), "key": S.string,
    ]),
    "AuditEntry": S.object([
      "id": S.count, "time": S.time, "action": S.string, "actor": S.nullable(S.string),
      "actor_id": S.nullable(S.uuid), "channel": S.nullable(S.string), "subject": S.string,
      "detail": S.nullable(["type": "object"]), "key": S.nullable(S.uuid), "address": S.nullable(S.string),
    ]),
  ]

  private static let channelFields: [String: JSONValue] = [
    "name": S.string, "description": S.nullable(S.string), "private": S.boolean,
    "size_limit": S.nullable(S.count), "ttl": S.count, "mirror_channel_url": S.nullable(S.string),
    "mirror_mode": S.nullable(S.words("proxy", "mirror")),
  ]

  private static let packageFields: [String: JSONValue] = [
    "name": S.string, "summary": S.nullable(S.string), "description": S.nullable(S.string),
    "url": S.nullable(S.string), "platforms": S.nullable(S.list(S.string)),
    "current_version": S.nullable(S.string), "latest_change": S.nullable(S.time),
  ]

  private static let content: [String: JSONValue] = [
    "ChannelBase": S.object(channelFields),
    "Channel": S.object(
      channelFields.merging(["members_count": S.count, "packages_count": S.count]) { first, _ in first }),
    "ChannelSearch": S.object([
      "name": S.string, "description": S.nullable(S.string), "private": S.boolean,
    ]),
    "ChannelMirror": S.object([
      "id": S.uuid, "url": S.string, "api_endpoint": S.string, "metrics_endpoint": S.string,
    ]),
    "Notice": S.object([
      "id": S.string, "message": S.string, "level": S.words("info", "warning", "critical"),
      "created_at": ["type": "string", "format": "date-time"],
      "expires_at": ["type": "string", "format": "date-time"],
    ]),
    "Relations": S.object(["base": S.nullable(S.string), "overrides": S.nullable(S.string)]),
    "IndexState": S.object([
      "subdirs": S.list(
        S.object(["subdir": S.string, "generation": S.count, "documents_generation": S.count])),
      "upload_to_shards_seconds": S.nullable(["type": "number"]),
      "upload_to_repodata_seconds": S.nullable(["type": "number"]),
    ]),
    "Patch": S.object([
      "subdir": S.string, "version": S.count, "origin": S.nullable(S.string), "time_created": S.time,
      "instructions": S.count, "artifacts": S.count,
    ]),
    "PatchPreview": S.object([
      "total": S.count, "unmatched": S.count,
      "differences": S.list(
        S.object([
          "filename": S.string, "removed": S.boolean, "before": ["type": "object"],
          "after": ["type": "object"],
        ])),
    ]),
    "Package": S.object(packageFields),
    "PackageSearch": S.object(packageFields.merging(["channel_name": S.string]) { first, _ in first }),
    "PackageVersion": S.object(
      [
        "id": S.uuid, "channel_name": S.string, "package_name": S.string, "platform": S.string,
        "version": S.string, "build_string": S.string, "build_number": S.count, "filename": S.string,
        "info": ["type": "object"], "uploader": S.reference("BaseProfile"), "time_created": S.time,
        "download_count": S.count,
      ], optional: ["yanked": ["const": true], "yank_reason": S.string]),
  ]

  private static let operations: [String: JSONValue] = [
    "Job": S.object([
      "id": S.count, "owner_id": S.string, "created": S.time, "status": jobStatus,
      "items_spec": S.nullable(S.string), "manifest": S.string, "start_at": S.nullable(S.time),
      "repeat_every_seconds": S.nullable(S.integer),
    ]),
    "Task": S.object([
      "id": S.count, "job_id": S.count, "package_version": ["type": "object"], "created": S.time,
      "status": taskStatus,
    ]),
    "Health": S.object(["component": S.string, "status": S.string]),
    "Point": S.object(["timestamp": S.time, "count": S.count]),
    "ChannelSeries": S.object([
      "server_timestamp": S.time, "period": S.string, "metric_name": S.string,
      "packages": [
        "type": "object", "additionalProperties": S.object(["series": S.list(S.reference("Point"))]),
      ],
    ]),
    "VersionSeries": S.object([
      "server_timestamp": S.time, "period": S.string, "metric_name": S.string, "total": S.count,
      "series": S.list(S.reference("Point")),
    ]),
  ]

  static let jobStatus = S.words("pending", "queued", "running", "success", "failed", "timeout", "cancelled")
  static let taskStatus = S.words("created", "pending", "running", "success", "failed", "skipped")
}
