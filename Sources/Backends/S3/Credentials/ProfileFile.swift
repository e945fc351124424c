/// What is in `~/.aws/config` or `~/.aws/credentials`: profiles with their settings.
///
/// ```
/// [default]                     # or [profile NAME] in the configuration file, [NAME] in the credentials file
/// region = eu-central-1
/// s3 =
///   addressing_style = path     # indented: belongs to the line above, of no interest here
/// ```
/// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
struct ProfileFile: Sendable {
  /// Which of the two files it is; they name their sections differently.
  enum Kind: Sendable { case configuration, credentials }

  /// The settings of each profile, names in lower case.
  private(set) var profiles: [String: [String: String]] = [:]

  /// Reads a file's text; lines that make no sense are passed over, as the SDKs do.
  init(_ text: String, kind: Kind) {
    var profile: String?
    var hasKeys = false
    for line in text.split(whereSeparator: \.isNewline) {
      let content = line.trimmed
      if content.isEmpty || content.hasPrefix("#") || content.hasPrefix(";") { continue }
      if content.hasPrefix("[") {
        profile = Self.profileName(content, kind: kind)
        hasKeys = false
        if let profile, profiles[profile] == nil { profiles[profile] = [:] }
        continue
      }
      let isNested = hasKeys && line.first?.isWhitespace == true
      guard let profile, !isNested, let equals = content.firstIndex(of: "=") else { continue }
      let name = content[..<equals].trimmed.lowercased()
      profiles[profile]?[name] = String(content[content.index(after: equals)...].trimmed)
      hasKeys = true
    }
  }

  /// The profile that a section's head opens; `nil` for sections of other things, e.g. `[sso-session x]`.
  private static func profileName(_ head: Substring, kind: Kind) -> String? {
    guard let end = head.firstIndex(of: "]") else { return nil }
    let words = head[head.index(after: head.startIndex)..<end].trimmed
      .split(maxSplits: 1, whereSeparator: \.isWhitespace)
    guard let first = words.first else { return nil }
    guard words.count == 2 else { return kind == .credentials || first == "default" ? String(first) : nil }
    guard kind == .configuration, first == "profile" else { return nil }
    let name = words[1].trimmed
    let isQuoted = name.count > 2 && name.first == name.last && (name.first == "\"" || name.first == "'")
    return String(isQuoted ? name.dropFirst().dropLast() : name)
  }
}

extension Substring {
  /// Without white space at its ends.
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return start.prefix(0) }
    return start[...last]
  }
}
