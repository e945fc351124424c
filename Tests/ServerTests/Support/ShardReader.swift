import CondaArchive
import CondaTypes
import Foundation
import HTTPTypes
import TestSupport
import Testing

/// Reads a subdir's sharded index (CEP 16) as a client does.
struct ShardReader {
  let app: TestApp
  let channel: String
  let subdir: String

  /// The decoded shard index.
  func document() async throws -> MessagePackValue {
    let answer = try await app.send(
      .get, "/get/\(channel)/\(subdir)/repodata_shards.msgpack.zst", as: "owner")
    #expect(answer.status == 200)
    return try MessagePack.decode(ZstdCompression.decompress(answer.body, limit: 1 << 26))
  }

  /// The digest of each package's shard, in lower-case hex.
  func index() async throws -> [String: String] {
    guard case .map(let members) = try await document()["shards"] else { return [:] }
    var digests: [String: String] = [:]
    for member in members {
      guard case .string(let name) = member.key, case .binary(let bytes) = member.value else { continue }
      digests[name] = try Digest(algorithm: .sha256, bytes: bytes).hex
    }
    #expect(digests.count == members.count)
    return digests
  }

  /// The shard of that digest; checks that its bytes hash to its name.
  func shard(_ digest: String) async throws -> MessagePackValue {
    let answer = try await app.send(
      .get, "/get/\(channel)/\(subdir)/shards/\(digest).msgpack.zst", as: "owner")
    #expect(answer.status == 200)
    #expect(try ArchiveWriting.sha256(answer.body) == digest)
    return try MessagePack.decode(ZstdCompression.decompress(answer.body, limit: 1 << 26))
  }

  /// All records of all shards by file name.
  func records() async throws -> [String: MessagePackValue] {
    var records: [String: MessagePackValue] = [:]
    for digest in try await index().values {
      let shard = try await shard(digest)
      for key in ["packages", "packages.conda"] {
        guard case .map(let members) = shard[key] else { continue }
        for member in members {
          if case .string(let name) = member.key { records[name] = member.value }
        }
      }
    }
    return records
  }
}

extension MessagePackValue {
  /// The same value as JSON; bytes become lower-case hex, as digests are written in `repodata.json`.
  var json: JSONValue {
    switch self {
    case .null: .null
    case .bool(let value): .bool(value)
    case .integer(let value): .integer(value)
    case .unsigned(let value): .number(Double(value))
    case .number(let value): .number(value)
    case .string(let value): .string(value)
    case .binary(let bytes), .extension(_, let bytes):
      .string(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    case .array(let values): .array(values.map(\.json))
    case .map(let members):
      .object(
        Dictionary(
          members.compactMap { member in
            if case .string(let key) = member.key { (key, member.value.json) } else { nil }
          }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
