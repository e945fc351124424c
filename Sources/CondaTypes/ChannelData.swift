/// `channeldata.json`, the document about all packages of a channel (CEP 38); an entry of it is a
/// `ChannelDataEntry`.
public enum ChannelData {
  /// The whole document.
  ///
  /// - Parameters:
  ///   - packages: By package name the entry (`ChannelDataEntry.json`), or `{}` for a package that never had
  ///     an artifact.
  ///   - subdirs: The subdirs that packages have artifacts in; `noarch` is always added.
  public static func document(packages: [String: JSONValue], subdirs: [String]) -> JSONValue {
    .object([
      "channeldata_version": .integer(1), "packages": .object(packages),
      "subdirs": .array(subdirOrder(subdirs).map(JSONValue.string)),
    ])
  }

  /// Subdirs in the order people expect, each once: `linux-64`, `osx-64`, `win-64`, the others by name,
  /// `noarch` always and last.
  public static func subdirOrder(_ subdirs: some Sequence<String>) -> [String] {
    let first = ["linux-64", "osx-64", "win-64"]
    let given = Set(subdirs)
    let others = given.subtracting(first + ["noarch"]).sorted { $0.precedesByBytes($1) }
    return first.filter(given.contains) + others + ["noarch"]
  }
}
