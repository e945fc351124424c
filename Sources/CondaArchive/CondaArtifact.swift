// A .conda (CEP 35) is a ZIP file of three stored members, in any order:
//
//   metadata.json                              {"conda_pkg_format_version": 2}
//   info-<name>-<version>-<build>.tar.zst      zstd( tar( info/… ) )
//   pkg-<name>-<version>-<build>.tar.zst       zstd( tar( everything else ) )

import CondaTypes

/// The current artifact format.
struct CondaArtifact {
  private let limits: ArtifactLimits
  private let deadline: Deadline
  private var isMetadataRead = false
  private var contents: ArtifactContents?

  /// Reads the whole file; the `pkg-` member is checked as bytes, not expanded.
  static func read(
    _ file: ArchiveSource, as name: ArtifactName, limits: ArtifactLimits, deadline: Deadline
  ) throws(ArchiveError) -> ArtifactContents {
    let directory = try ZipDirectory(of: file)
    let kinds = try memberKinds(directory.members, of: name)
    try directory.checkStored()
    try directory.checkLayout(in: file)
    let zip = try ZipReader(file: file, members: directory.members)
    var artifact = CondaArtifact(limits: limits, deadline: deadline)
    for kind in kinds {
      let member = try zip.openNext()
      try artifact.read(kind, from: ZipMemberSource(zip, member: member, deadline: deadline))
    }
    try zip.finish()
    guard let contents = artifact.contents else { throw .missingMember(.info) }
    return contents
  }

  private init(limits: ArtifactLimits, deadline: Deadline) {
    self.limits = limits
    self.deadline = deadline
  }

  /// Which of the three each member is, in the order in which they lie in the file.
  private static func memberKinds(
    _ members: [ZipMember], of name: ArtifactName
  ) throws(ArchiveError) -> [CondaMember] {
    var kinds: [CondaMember] = []
    var names: Set<[UInt8]> = []
    for member in members {
      guard names.insert(member.name).inserted else { throw .duplicateMember(member.displayName) }
      guard let kind = CondaMember(memberName: member.name) else {
        throw .unexpectedMember(member.displayName)
      }
      guard !kinds.contains(kind) else { throw .repeatedMember(kind) }
      kinds.append(kind)
    }
    for kind in CondaMember.allCases {
      guard kinds.contains(kind) else { throw .missingMember(kind) }
    }
    for (kind, member) in zip(kinds, members) {
      let expected = kind.memberName(of: name)
      guard member.name.elementsEqual(expected.utf8) else {
        throw .wrongMemberName(found: member.displayName, expected: expected)
      }
    }
    return kinds
  }

  private mutating func read(_ kind: CondaMember, from source: ZipMemberSource) throws(ArchiveError) {
    switch kind {
    case .metadata: try Self.checkMetadata(try source.readAll(limit: 64 << 10))
    case .info:
      try source.checkZstd()
      let content = MeteredSource(
        try ZstdSource(source), inputSize: source.member.size, limits: limits, deadline: deadline)
      contents = try InfoCollector.collect(content, limits: limits, keepsPaths: false)
    case .pkg: try source.checkZstd()
    }
    try source.skipToEnd()
  }

  private static func checkMetadata(_ bytes: [UInt8]) throws(ArchiveError) {
    let value: JSONValue
    do {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw .badMetadataJSON(detail: "not JSON")
    }
    guard let version = value["conda_pkg_format_version"]?.asInteger else {
      throw .badMetadataJSON(detail: "no integer \"conda_pkg_format_version\"")
    }
    guard version == 2 else {
      throw .badMetadataJSON(detail: "conda_pkg_format_version is \(version), expected 2")
    }
  }
}

extension CondaMember {
  /// The kind of a member, by the form of its name.
  fileprivate init?(memberName name: [UInt8]) {
    let hasArchiveSuffix = name.reversed().starts(with: ".tar.zst".utf8.reversed())
    if name.elementsEqual("metadata.json".utf8) {
      self = .metadata
    } else if name.starts(with: "info-".utf8), hasArchiveSuffix, !name.contains(UInt8(ascii: "/")) {
      self = .info
    } else if name.starts(with: "pkg-".utf8), hasArchiveSuffix, !name.contains(UInt8(ascii: "/")) {
      self = .pkg
    } else {
      return nil
    }
  }

  /// What the member of an artifact is called.
  fileprivate func memberName(of artifact: ArtifactName) -> String {
    switch self {
    case .metadata: "metadata.json"
    case .info: "info-\(artifact.distribution).tar.zst"
    case .pkg: "pkg-\(artifact.distribution).tar.zst"
    }
  }
}
