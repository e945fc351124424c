import Foundation
import GRDB
import Testing

@testable import Metadata

/// Rows that must not exist, as raw SQL: the schema refuses them whatever the code above it does.
@Suite struct ConstraintTests {
  struct BadRow: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let sql: String

    init(_ description: String, _ sql: String) {
      testDescription = description
      self.sql = sql
    }
  }

  static let id = "randomblob(16)"
  static let alice = "(SELECT id FROM user WHERE username = 'alice')"
  static let member = "SELECT 1, id, 'member' FROM user"
  static func artifact(_ changes: [String: String]) -> String {
    var values = [
      "id": id, "channelID": "1", "packageID": "1", "subdir": "'noarch'", "fileName": "'b-1-0.conda'",
      "format": "'conda'", "version": "'1'", "versionKey": "x'00'", "build": "'0'", "buildNumber": "0",
      "size": "1", "sha256": "(SELECT sha256 FROM blob LIMIT 1)", "md5": "zeroblob(16)", "uploaderID": alice,
      "timeCreated": "1", "timeModified": "1", "indexedTimestamp": "1",
    ]
    values.merge(changes) { _, new in new }
    let columns = values.keys.sorted()
    return """
      INSERT INTO artifact (\(columns.joined(separator: ", ")))
      VALUES (\(columns.map { values[$0] ?? "NULL" }.joined(separator: ", ")))
      """
  }
  static func channel(_ columns: String, _ values: String) -> String {
    "INSERT INTO channel (isPrivate, createdAt, \(columns)) VALUES (0, 1, \(values))"
  }

  static let rows = [
    BadRow("user: short ID", "INSERT INTO user VALUES (x'00', 'x', NULL, 1)"),
    BadRow("user: unknown role", "INSERT INTO user VALUES (\(id), 'x', 'coowner2', 1)"),
    BadRow("user: role without a name", "INSERT INTO user VALUES (\(id), NULL, 'owner', 1)"),
    BadRow("user: empty name", "INSERT INTO user VALUES (\(id), '', NULL, 1)"),
    BadRow("user: name taken", "INSERT INTO user VALUES (\(id), 'alice', NULL, 1)"),
    BadRow("user: text as time", "INSERT INTO user VALUES (\(id), 'x', NULL, 'yesterday')"),
    BadRow("profile: no user", "INSERT INTO profile VALUES (\(id), 'x', '')"),
    BadRow("identity: no user", "INSERT INTO identity VALUES ('github', '1', 'x', \(id))"),
    BadRow("channel: empty name", channel("name, ttl", "'', 1")),
    BadRow("channel: name taken in another case", channel("name, ttl", "'mAIN', 1")),
    BadRow("channel: negative quota", channel("name, ttl, sizeLimit", "'x', 1, -1")),
    BadRow("channel: negative ttl", channel("name, ttl", "'x', -1")),
    BadRow("channel: negative size", channel("name, ttl, size", "'x', 1, -1")),
    BadRow("channel: mode without URL", channel("name, ttl, mirrorMode", "'x', 1, 'proxy'")),
    BadRow("channel: URL without mode", channel("name, ttl, mirrorChannelURL", "'x', 1, 'http://x'")),
    BadRow(
      "channel: unknown mode", channel("name, ttl, mirrorChannelURL, mirrorMode", "'x', 1, 'u', 'copy'")),
    BadRow("channel: metadata is not JSON", channel("name, ttl, metadata", "'x', 1, '{'")),
    BadRow("channel member: no channel", "INSERT INTO channelMember SELECT 99, id, 'member' FROM user"),
    BadRow("channel member: no role", "INSERT INTO channelMember SELECT 1, id, NULL FROM user"),
    BadRow("channel member: twice", "INSERT INTO channelMember \(member)"),
    BadRow("package: no channel", "INSERT INTO package (channelID, name, createdAt) VALUES (99, 'x', 1)"),
    BadRow("package: name taken", "INSERT INTO package (channelID, name, createdAt) VALUES (1, 'a', 1)"),
    BadRow("package: version without its key", "UPDATE package SET currentVersionKey = NULL"),
    BadRow("package: platforms without a version", "UPDATE package SET platforms = NULL"),
    BadRow("package: channel data is not JSON", "UPDATE package SET channelData = 'None'"),
    BadRow("package member: unknown role", "INSERT INTO packageMember SELECT 1, id, 'reader' FROM user"),
    BadRow("blob: short digest", "INSERT INTO blob VALUES (zeroblob(31), 1, 1)"),
    BadRow("blob: negative size", "INSERT INTO blob VALUES (zeroblob(32), -1, 1)"),
    BadRow("blob: deleted under an artifact", "DELETE FROM blob"),
    BadRow("user: deleted under an artifact", "DELETE FROM user WHERE username = 'alice'"),
    BadRow("artifact: no blob", artifact(["sha256": "zeroblob(32)"])),
    BadRow("artifact: short digest", artifact(["sha256": "x'00'"])),
    BadRow("artifact: MD5 of the wrong length", artifact(["md5": "zeroblob(32)"])),
    BadRow("artifact: file name and format differ", artifact(["fileName": "'b-1-0.tar.bz2'"])),
    BadRow("artifact: unknown format", artifact(["fileName": "'b-1-0.zip'", "format": "'zip'"])),
    BadRow("artifact: negative build number", artifact(["buildNumber": "-1"])),
    BadRow("artifact: negative size", artifact(["size": "-1"])),
    BadRow("artifact: negative download count", artifact(["downloadCount": "-1"])),
    BadRow("artifact: package of another channel", artifact(["channelID": "2"])),
    BadRow("artifact: no package", artifact(["packageID": "99"])),
    BadRow("artifact: no uploader", artifact(["uploaderID": id])),
    BadRow(
      "artifact: file name taken",
      artifact(["subdir": "'linux-64'", "fileName": "'a-1-0.conda'", "build": "'9'"])),
    BadRow(
      "artifact: same build under another name",
      artifact(["subdir": "'linux-64'", "fileName": "'c-1-0.conda'", "version": "'1'", "build": "'0'"])),
    BadRow("record: not JSON", "UPDATE artifactRecord SET json = 'x'"),
    BadRow("record: no artifact", "INSERT INTO artifactRecord VALUES (99, '{}', '{}', NULL, '{}', x'80')"),
    BadRow("API key: the key instead of its hash", "UPDATE apiKey SET hash = x'6b6579'"),
    BadRow(
      "API key: the whole key as prefix", "UPDATE apiKey SET prefix = '01234567890123456789012345678901'"),
    BadRow("API key: no owner", "UPDATE apiKey SET ownerID = \(id)"),
    BadRow("API key: half deleted", "UPDATE apiKey SET isDeleted = 2"),
    BadRow("subdir: documents ahead", "UPDATE subdirState SET documentsGeneration = generation + 1"),
    BadRow("shard: short digest", "INSERT INTO shard VALUES (1, 'noarch', 'a', x'00', 1)"),
    BadRow("shard: no channel", "INSERT INTO shard VALUES (99, 'noarch', 'a', zeroblob(32), 1)"),
    BadRow("document: negative size", "INSERT INTO document VALUES (1, 'x', zeroblob(32), -1, 1)"),
    BadRow("job: lease while it waits", "UPDATE job SET leaseUntil = 1"),
    BadRow("job: running without a lease", "UPDATE job SET state = 'running'"),
    BadRow("job: payload is not JSON", "UPDATE job SET payload = 'pickle'"),
    BadRow(
      "job: the same one waits already",
      "INSERT INTO job (name, payload, deduplicationKey, runAt, createdAt) VALUES ('gc', '{}', 'k', 1, 1)"),
    BadRow("audit: changed", "UPDATE audit SET subject = 'nothing happened'"),
    BadRow("audit: deleted", "DELETE FROM audit"),
    BadRow("setting: empty key", "INSERT INTO setting VALUES ('', 'x')"),
  ]

  @Test(arguments: rows) func refuses(_ row: BadRow) async throws {
    let test = try await TestStore()
    _ = try await test.store.createChannel(
      NewChannel(name: "other"), owner: test.user.id, now: Times.start)
    try await test.publish("a-1-0.conda")
    _ = try await test.store.createAPIKey(
      hash: [UInt8](repeating: 7, count: 32), prefix: "abcd", description: "", createdOn: Times.start,
      expiresOn: nil, owner: test.user.id, roles: [])
    _ = try await test.store.enqueueJob(
      NewJob(name: "gc", deduplicationKey: "k", runAt: Times.start), now: Times.start)
    let kind = await kind { try await test.store.write { db in try db.execute(sql: row.sql) } }
    switch kind {
    case .constraint, .conflict: break
    default: Issue.record("\(row.sql) gave \(String(describing: kind))")
    }
  }

  @Test func theRowThatTheTableVariesIsItselfGood() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    try await test.store.write { db in try db.execute(sql: Self.artifact([:])) }
  }
}
