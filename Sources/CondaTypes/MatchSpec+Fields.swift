extension MatchSpec {
  /// Record members that may be asked for in brackets beside those with a property of their own: texts and
  /// whole numbers of CEP 34 and 36.
  static let plainFields: Set<String> = [
    "arch", "fn", "legacy_bz2_md5", "legacy_bz2_size", "license", "license_family", "md5", "noarch",
    "platform",
    "python_site_packages_path", "sha256", "size", "timestamp", "url",
  ]

  /// What the operating systems of subdirs are called; `conda-forge` has a subdir's shape and is none.
  static let operatingSystems: Set<String> = [
    "android", "emscripten", "freebsd", "ios", "linux", "netbsd", "openbsd", "osx", "wasi", "win", "zos",
  ]

  /// Sets one key of the brackets, over what stands before them.
  mutating func set(_ key: String, to value: String) throws(ParseError) {
    switch key {
    case "name", "namespace": break
    case "version": version = try VersionSpec(parsing: value)
    case "build", "build_string": build = try TextPattern(parsing: value)
    case "build_number": buildNumber = try BuildNumberSpec(parsing: value)
    case "channel": try setChannel(value)
    case "subdir": subdir = try TextPattern(parsing: value)
    case "features": features = Self.list(value)
    case "track_features": trackFeatures = Self.list(value)
    case "extras": extras = Self.list(value)
    case "when": condition = value
    case "flags":
      flags = []
      for flag in Self.list(value) { flags.append(try TextPattern(parsing: flag)) }
    case "md5", "sha256":
      let pattern = try TextPattern(parsing: value)
      if let hex = pattern.exactText {
        let digest = key == "md5" ? try Digest(md5Hex: hex) : try Digest(sha256Hex: hex)
        fields[key] = .exact(digest.hex)
      } else {
        fields[key] = pattern
      }
    default:
      guard Self.plainFields.contains(key) else {
        throw ParseError(
          subject: "match spec key", found: key,
          expected:
            "one of the fields of a record, e.g. version, build, build_number, subdir, license, sha256")
      }
      fields[key] = try TextPattern(parsing: value)
    }
  }

  /// Reads `channel` or `channel/subdir`; an empty one is none.
  mutating func setChannel(_ text: String) throws(ParseError) {
    guard !text.isEmpty else { return }
    var name = text
    if let slash = text.lastIndex(of: "/"), Self.isSubdir(text[text.index(after: slash)...]) {
      subdir = .exact(String(text[text.index(after: slash)...]))
      name = String(text[..<slash])
    }
    while name.hasSuffix("/"), !name.hasSuffix("//") { name.removeLast() }
    channel = try TextPattern(parsing: name)
  }

  /// Reads an artifact's URL: what it says about the artifact, and the digest behind `#`.
  mutating func setURL(_ text: String) throws(ParseError) {
    let halves = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    let url = String(halves[0])
    let fileName = String(url.split(separator: "/").last ?? "")
    let artifact = try ArtifactName(parsing: fileName)
    name = .exact(artifact.name.value)
    version = try VersionSpec(parsing: "==\(artifact.version)")
    build = try TextPattern(parsing: artifact.build.value)
    fields["url"] = try TextPattern(parsing: url)
    fields["fn"] = try TextPattern(parsing: fileName)
    guard halves.count == 2, !halves[1].isEmpty else { return }
    if halves[1].hasPrefix("sha256:") {
      try set("sha256", to: String(halves[1].dropFirst("sha256:".count)))
    } else {
      try set("md5", to: String(halves[1]))
    }
  }

  static func namePattern(_ bytes: ArraySlice<UInt8>, in text: String) throws(ParseError) -> TextPattern {
    let isRegex = bytes.first == UInt8(ascii: "^")
    let isName = bytes.allSatisfy {
      ASCII.isAlphanumeric($0) || ASCII.isNameSeparator($0) || $0 == UInt8(ascii: "*")
    }
    guard !bytes.isEmpty, isRegex || isName else {
      throw ParseError(
        subject: "match spec", found: text,
        expected: "a package name of letters, digits, '.', '-', '_' and '*'")
    }
    return try TextPattern(parsing: MatchSpecText.string(bytes))
  }

  static func buildPattern(_ bytes: ArraySlice<UInt8>, in text: String) throws(ParseError) -> TextPattern {
    let isRegex = bytes.first == UInt8(ascii: "^") && bytes.last == UInt8(ascii: "$")
    guard !bytes.isEmpty,
      isRegex || !bytes.contains(where: { MatchSpecText.isSpace($0) || ",|=<>!~[]()".utf8.contains($0) })
    else {
      throw ParseError(
        subject: "match spec", found: text,
        expected: "one build string, glob or regular expression at the end")
    }
    return try TextPattern(parsing: MatchSpecText.string(bytes))
  }

  private static func isSubdir(_ text: some StringProtocol) -> Bool {
    if text == "noarch" { return true }
    guard let dash = text.firstIndex(of: "-"), operatingSystems.contains(String(text[..<dash])) else {
      return false
    }
    return (try? Subdir(parsing: String(text))) != nil
  }

  /// The items of a list that commas or spaces separate, without quotes.
  private static func list(_ text: String) -> [String] {
    text.split { ", \t".contains($0) }.map { item in
      String(item.drop { "'\"".contains($0) }.reversed().drop { "'\"".contains($0) }.reversed())
    }.filter { !$0.isEmpty }
  }
}
