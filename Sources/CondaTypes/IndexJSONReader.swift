/// Checks the members of `info/index.json` one by one and notes everything that is wrong.
struct IndexJSONReader {
  var fields: MetadataFields

  /// The value; meaningless if problems were noted, `nil` if a part without which there is none is bad.
  mutating func read() -> IndexJSON? {
    let name = fields.required("name", PackageName.init(parsing:))
    let version = readVersion()
    let build = fields.required("build", BuildString.init(parsing:))
    let buildNumber = fields.wholeNumber("build_number", isRequired: true)
    let noarch = readNoarch()
    let subdir = readSubdir(noarch: noarch)
    let depends = readSpecs("depends")
    let constrains = readSpecs("constrains")
    let timestamp = readTimestamp()
    let trackFeatures = readTrackFeatures()
    let sitePackages = readSitePackagesPath()
    let schemaVersion = fields.wholeNumber("schema_version") ?? 1
    checkOtherKnownKeys()
    guard let name, let version, let build, let buildNumber, let subdir else { return nil }
    return IndexJSON(
      fields: fields.fields, name: name, parsedVersion: version, build: build, buildNumber: buildNumber,
      subdir: subdir, depends: depends, constrains: constrains, noarch: noarch, timestamp: timestamp,
      trackFeatures: trackFeatures, pythonSitePackagesPath: sitePackages, schemaVersion: schemaVersion)
  }

  private mutating func readVersion() -> Version? {
    fields.required("version") { (text: String) throws(ParseError) -> Version in
      guard Version.isValidInFileName(text) else {
        throw ParseError(subject: "version", found: text, expected: Version.fileNameRule)
      }
      return try Version(parsing: text)
    }
  }

  private mutating func readSpecs(_ key: String) -> [String] {
    let specs = fields.strings(key)
    for (index, spec) in specs.enumerated() where spec.utf8.allSatisfy({ $0 <= 0x20 }) {
      fields.note("\(key)[\(index)]", found: "'\(spec)'", expected: "a match spec, which names a package")
    }
    return specs
  }

  private mutating func readNoarch() -> String? {
    switch fields.value("noarch") {
    case nil, .bool(false): return nil
    // What conda-build wrote before there were kinds of noarch.
    case .bool(true), .string("generic"): return "generic"
    case .string("python"): return "python"
    case .some(let value):
      fields.note(
        "noarch", found: value.asString.map { "'\($0)'" } ?? value.kind, expected: "'python' or 'generic'")
      return nil
    }
  }

  /// The member, or for packages from before it existed: `noarch`, or `<platform>-<arch>` with 64 and 32 for
  /// x86_64 and x86.
  private mutating func readSubdir(noarch: String?) -> Subdir? {
    if fields.value("subdir") != nil { return fields.required("subdir", Subdir.init(parsing:)) }
    if let platform = fields.value("platform")?.asString, let arch = fields.value("arch")?.asString {
      let suffix = ["x86_64": "64", "x86": "32"][arch] ?? arch
      if let subdir = try? Subdir(parsing: "\(platform)-\(suffix)") { return subdir }
    } else if noarch != nil {
      return .noarch
    }
    fields.note("subdir", found: "nothing", expected: "a subdir like 'linux-64', or 'platform' and 'arch'")
    return nil
  }

  /// Milliseconds; small numbers are seconds, told apart as rattler does: what is before the year 10000 when
  /// read as seconds.
  private mutating func readTimestamp() -> Int64? {
    guard let number = fields.wholeNumber("timestamp") else { return nil }
    // The last instant that rattler can hold. It refuses a repodata file with a later one in any record.
    let lastSecond: Int64 = 253_402_207_200
    let isSeconds = number <= 253_402_300_799
    guard number <= (isSeconds ? lastSecond : lastSecond * 1000) else {
      fields.note("timestamp", found: "\(number)", expected: "milliseconds of Unix time before the year 9999")
      return nil
    }
    return isSeconds ? number * 1000 : number
  }

  private mutating func readTrackFeatures() -> [String] {
    guard let text = fields.value("track_features")?.asString else { return fields.strings("track_features") }
    return text.split { $0 == " " || $0 == "," }.map(String.init)
  }

  private mutating func readSitePackagesPath() -> String? {
    guard let path = fields.optionalString("python_site_packages_path") else { return nil }
    let isAbsolute = path.hasPrefix("/") || path.hasPrefix("\\") || path.dropFirst().hasPrefix(":")
    var depth = 0
    var leaves = false
    for part in path.split(whereSeparator: { $0 == "/" || $0 == "\\" }) where part != "." {
      depth += part == ".." ? -1 : 1
      leaves = leaves || depth < 0
    }
    guard !path.isEmpty, !isAbsolute, !leaves, !path.utf8.contains(0) else {
      fields.note(
        "python_site_packages_path", found: "'\(path)'",
        expected: "a relative path that stays inside the prefix")
      return nil
    }
    return path
  }

  /// Clients refuse a whole repodata file in which one of these has another type.
  private mutating func checkOtherKnownKeys() {
    for key in ["arch", "platform", "features", "license", "license_family"] {
      _ = fields.optionalString(key)
    }
    for purl in fields.strings("purls") where !purl.hasPrefix("pkg:") {
      fields.note("purls", found: "'\(purl)'", expected: "package URLs, which start with 'pkg:'")
    }
    for flag in fields.strings("flags") where !Self.isFlag(flag) {
      fields.note(
        "flags", found: "'\(flag)'", expected: "'name' or 'name:value' of lower-case letters, digits and '_'")
    }
    checkExtraDepends()
  }

  /// Whether a text matches `^[a-z0-9_]+(:[a-z0-9_]+)?$` (CEP 45).
  private static func isFlag(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return parts.count <= 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.allSatisfy { ASCII.isLowerOrDigit($0) || $0 == UInt8(ascii: "_") }
      }
  }

  /// Groups of match specs by name (CEP 44).
  private mutating func checkExtraDepends() {
    guard let groups = fields.value("extra_depends") else { return }
    guard let members = groups.asObject else {
      fields.note("extra_depends", found: groups.kind, expected: "an object of arrays of strings")
      return
    }
    for (group, specs) in members.sortedByKey()
    where specs.asArray?.allSatisfy({ $0.asString != nil }) != true {
      fields.note("extra_depends.\(group)", found: specs.kind, expected: "an array of strings")
    }
  }
}
