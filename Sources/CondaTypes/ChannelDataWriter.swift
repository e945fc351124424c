/// Frames stored entries as a `channeldata.json` (CEP 38), piece by piece, without reading them.
///
///     {"channeldata_version":1,"packages":{"<name>":entry,…},"subdirs":["<subdir>",…]}
///
/// The same bytes as `ChannelData.document` in canonical form, if the entries are and come in order of their names.
public struct ChannelDataWriter: Sendable {
  private var isFirst = true

  /// Prepares a document.
  public init() {}

  /// Writes everything before the first entry; once, and first.
  public func begin(into bytes: inout [UInt8]) {
    bytes += "{\"channeldata_version\":1,\"packages\":{".utf8
  }

  /// Writes one package's entry.
  ///
  /// - Parameters:
  ///   - name: The package.
  ///   - entry: JSON text of its entry; nil for a package that never had an artifact.
  ///   - bytes: The buffer to append to.
  public mutating func append(name: String, entry: String?, to bytes: inout [UInt8]) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    JSONValue.appendString(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    bytes += (entry ?? "{}").utf8
  }

  /// Writes everything after the last entry; once, and last.
  ///
  /// - Parameter subdirs: In order, as `ChannelData.subdirOrder` gives them.
  public func finish(subdirs: [String], into bytes: inout [UInt8]) {
    bytes += "},\"subdirs\":".utf8
    JSONValue.array(subdirs.map(JSONValue.string)).appendCanonical(to: &bytes)
    bytes.append(UInt8(ascii: "}"))
  }
}
