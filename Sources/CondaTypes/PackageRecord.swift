/// An artifact's entry in repodata (CEP 36) and, as MessagePack, in a shard (CEP 16).
///
/// The record is the artifact's `index.json` with the facts of its file and of this channel:
///
///     {"build":"0","build_number":0,"depends":[],…,"indexed_timestamp":ms,"md5":hex,"sha256":hex,
///      "size":bytes,"time_modified":s,…}
///
/// It equals, field by field, what py-rattler 0.28's `index_fs` writes for the same file:
/// - `depends` is always there; `constrains`, `flags` and `extra_depends` only when not empty; a member that
///   is `null` and `noarch: false` are left out, `noarch: true` and empty texts (`"license": ""`) stay.
/// - `track_features` is text: an array is joined with spaces (left out when empty), in text commas become
///   spaces.
/// - `timestamp` keeps its unit, also when it is in seconds.
///
/// The differences, all on purpose:
/// - Keys that rattler does not know are kept (`schema_version`, `app`, `license_url`, …: CEP 36 has all of
///   `index.json`), unless their meaning is the index's (`reservedKeys`): an uploader cannot give his
///   artifact another `url` or mark it `revoked`.
/// - `time_modified` (seconds) is upstream quetz's; `indexed_timestamp` (CEP 47) is this channel's, rattler
///   has its own time.
/// - `name` is lower case (CEP 34); rattler keeps capitals.
/// - A missing `subdir` is derived from `platform` and `arch`; rattler writes `unknown`.
/// - Whole numbers written as `1.0` become `1`, and `null` where rattler wants an array is none; rattler
///   cannot index such a file.
/// - `python_site_packages_path` outside the prefix, negative timestamps, build numbers beyond 63 bits and
///   names and versions outside CEP 26 never come here: `IndexJSON` refuses them, rattler passes them on.
public struct PackageRecord: Hashable, Sendable {
  /// Members that only the index may set; they are not taken over from `index.json`.
  public static let reservedKeys: Set<String> = [
    "attestations_sha256", "channel", "fn", "indexed_timestamp", "legacy_bz2_md5", "legacy_bz2_size", "md5",
    "removed", "revoked", "run_exports", "sha256", "signatures", "size", "time_modified", "url",
  ]

  /// The record's members as repodata has them.
  public let members: [String: JSONValue]
  private let sha256: Digest
  private let md5: Digest

  /// Makes the record of an artifact.
  ///
  /// - Parameters:
  ///   - index: What the artifact says about itself.
  ///   - sha256: The SHA-256 of the whole file.
  ///   - md5: The MD5 of the whole file.
  ///   - size: The file's size in bytes.
  ///   - indexedTimestamp: When this channel first indexed it, in milliseconds of Unix time (CEP 47).
  ///   - timeModified: When it was last overwritten, else created, in seconds of Unix time; `nil` leaves the
  ///     member out.
  public init(
    index: IndexJSON, sha256: Digest, md5: Digest, size: Int64, indexedTimestamp: Int64, timeModified: Int64?
  ) {
    precondition(sha256.algorithm == .sha256 && md5.algorithm == .md5, "digests in the wrong places")
    var members = Self.normalised(index)
    members["md5"] = .string(md5.hex)
    members["sha256"] = .string(sha256.hex)
    members["size"] = .integer(size)
    members["indexed_timestamp"] = .integer(indexedTimestamp)
    members["time_modified"] = timeModified.map(JSONValue.integer)
    self.members = members
    self.sha256 = sha256
    self.md5 = md5
  }

  /// What repodata holds.
  public var json: JSONValue { .object(members) }

  /// What repodata holds, as compact canonical JSON: the fragment that `RepodataWriter` frames.
  public var jsonBytes: [UInt8] {
    var bytes: [UInt8] = []
    json.appendCanonical(to: &bytes)
    return bytes
  }

  /// What a shard holds: the same members with the digests as binary, keys in order.
  ///
  /// - Parameter runExports: Written as `run_exports` (CEP 21): `{}` says "has none", `nil` leaves it out,
  ///   which says "unknown".
  public func messagePack(runExports: RunExports?) -> [UInt8] {
    var members = members
    members["run_exports"] = runExports?.json
    var writer = MessagePack.Writer()
    writer.appendMapHeader(count: members.count)
    for (key, value) in members.sortedByKey() {
      writer.appendString(key)
      switch key {
      case "md5": writer.appendBinary(md5.bytes)
      case "sha256": writer.appendBinary(sha256.bytes)
      default: writer.append(value)
      }
    }
    return writer.bytes
  }

  private static func normalised(_ index: IndexJSON) -> [String: JSONValue] {
    var members = index.fields.filter { $0.value != .null && !reservedKeys.contains($0.key) }
    members["name"] = .string(index.name.value)
    members["version"] = .string(index.version)
    members["build"] = .string(index.build.value)
    members["build_number"] = .integer(index.buildNumber)
    members["subdir"] = .string(index.subdir.value)
    members["depends"] = .array(index.depends.map(JSONValue.string))
    normalise(&members)
    return members
  }

  /// Leaves out what is empty and brings features and numbers into one form.
  static func normalise(_ members: inout [String: JSONValue]) {
    for key in ["constrains", "flags", "track_features"] where members[key] == .array([]) {
      members[key] = nil
    }
    if members["extra_depends"] == .object([:]) { members["extra_depends"] = nil }
    if members["noarch"] == .bool(false) { members["noarch"] = nil }
    if let features = members["track_features"] {
      members["track_features"] = .string(joinedFeatures(features))
    }
    for key in ["timestamp", "schema_version"] {
      if case .number(let value) = members[key] {
        members[key] = Int64(exactly: value).map(JSONValue.integer)
      }
    }
  }

  /// An array joined with spaces; in text each comma becomes a space, other spaces stay (as rattler does it).
  private static func joinedFeatures(_ features: JSONValue) -> String {
    let names = features.asString?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return (names ?? features.asArray?.compactMap(\.asString) ?? []).joined(separator: " ")
  }
}
