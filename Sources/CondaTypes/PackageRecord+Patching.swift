extension PackageRecord {
  /// A record's members with changes applied, in their order; normal as those of any record (see `PackageRecord`).
  ///
  /// Run exports are not among a record's members; see `patchedRunExports`.
  public static func patched(
    _ members: [String: JSONValue], by changes: [PatchInstructions.Change]
  ) -> [String: JSONValue] {
    var members = members
    for change in changes {
      for (key, value) in change.fields where key != "run_exports" {
        members[key] = merged(members[key], value)
      }
    }
    if members["depends"]?.asArray == nil { members["depends"] = .array([]) }
    if changes.contains(where: \.isRevoked) {
      members["revoked"] = true
      let depends = members["depends"]?.asArray ?? []
      members["depends"] = .array(depends + [.string(PatchInstructions.revokedDependency)])
    }
    normalise(&members)
    return members
  }

  /// Run exports with changes applied (CEP 21); a list counts as weak ones.
  public static func patchedRunExports(
    _ runExports: RunExports, by changes: [PatchInstructions.Change]
  ) -> RunExports {
    var json: JSONValue? = runExports.json
    for change in changes {
      guard let value = change.fields["run_exports"] else { continue }
      json = merged(json, value.asArray == nil ? value : ["weak": value])
    }
    var bytes: [UInt8] = []
    (json ?? [:]).appendCanonical(to: &bytes)
    return (try? RunExports.parse(bytes).get()) ?? runExports
  }

  /// What a shard holds of a record whose members are given as repodata has them.
  public static func messagePack(of members: [String: JSONValue], runExports: RunExports) -> [UInt8] {
    var members = members
    members["run_exports"] = runExports.json
    var writer = MessagePack.Writer()
    writer.appendMapHeader(count: members.count)
    for (key, value) in members.sortedByKey() {
      writer.appendString(key)
      if ["md5", "sha256"].contains(key), let digest = digest(value.asString) {
        writer.appendBinary(digest)
      } else {
        writer.append(value)
      }
    }
    return writer.bytes
  }

  private static func digest(_ hex: String?) -> [UInt8]? {
    guard let digits = hex?.utf8.compactMap({ Character(UnicodeScalar($0)).hexDigitValue }),
      digits.count == hex?.utf8.count, digits.count.isMultiple(of: 2)
    else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// A value set over another: objects unite member by member, anything else replaces; `null` is nothing.
  private static func merged(_ old: JSONValue?, _ new: JSONValue) -> JSONValue? {
    guard new != .null else { return nil }
    guard let members = new.asObject, var all = old?.asObject else { return new }
    for (key, value) in members { all[key] = merged(all[key], value) }
    return .object(all)
  }
}
