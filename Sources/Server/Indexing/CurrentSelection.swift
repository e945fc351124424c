import CondaTypes
import Metadata

/// Chooses the records of `current_repodata.json`: the newest of everything, and what it needs.
///
/// The rule, which is conda-index's (`_build_current_repodata`, without pins) carried on to its end:
/// 1. Of every package, all records of the newest version (conda's order; `1.0` and `1.0.0` are one version).
/// 2. If one of those has features or track_features, also the newest record that has none.
/// 3. For every match spec in the `depends` of a chosen record that no chosen record of this subdir matches: all records
///    of the newest version that has a record which matches. What is not in this subdir is left to the others.
/// 4. The records that came by 3 have dependencies too: until nothing is added. (conda-index asks once, so that its
///    subset may lack what the dependencies of an old version need.)
///
/// Specs are compared by name, version, build string, build number and subdir, and asked in order of their bytes, round
/// by round, so that equal rows make equal choices. Records under `v3` and removed ones are not chosen from. Memory grows
/// with the number of packages, not with that of their versions.
struct CurrentSelection {
  private struct Chosen {
    let packageID: Int64
    var records: [RecordCandidate]
  }

  private let snapshot: SubdirSnapshot
  private var packages: [String: Chosen] = [:]
  private var seenSpecs: Set<String> = []
  private var newSpecs: [String] = []

  /// The chosen records of a snapshot: `.tar.bz2` first, each by file name (bytes).
  static func choose(from snapshot: SubdirSnapshot) throws -> [RecordCandidate] {
    var selection = CurrentSelection(snapshot: snapshot)
    try selection.chooseNewest()
    while !selection.newSpecs.isEmpty { try selection.chooseNeeded() }
    return selection.packages.values.flatMap(\.records).sorted { one, other in
      one.format == other.format
        ? one.fileName.utf8.lexicographicallyPrecedes(other.fileName.utf8)
        : one.format == ArtifactFormat.tarBzip2.rawValue
    }
  }

  private init(snapshot: SubdirSnapshot) { self.snapshot = snapshot }

  private mutating func chooseNewest() throws {
    var newest: [(name: String, id: Int64, version: [UInt8])] = []
    try snapshot.forEachPackage { id, name, version in newest.append((name, id, version)) }
    for package in newest {
      packages[package.name] = Chosen(packageID: package.id, records: [])
      let hasFeatures = try add(
        snapshot.candidates(packageID: package.id, versionKey: package.version), of: package.name)
      guard hasFeatures else { continue }
      let plain = try snapshot.newestCandidate(packageID: package.id) { candidate in
        try snapshot.withRecord(key: candidate.key) { !Self.hasFeatures($0) }
      }
      if let plain, packages[package.name]?.records.contains(plain) == false {
        try add([plain], of: package.name)
      }
    }
  }

  private mutating func chooseNeeded() throws {
    let specs = newSpecs.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    newSpecs = []
    for text in specs {
      guard let spec = try? MatchSpec(parsing: text), case .exact(let name) = spec.name,
        let chosen = packages[name], !chosen.records.contains(where: { matches(spec, $0, name) })
      else { continue }
      let found = try snapshot.newestCandidate(packageID: chosen.packageID) { matches(spec, $0, name) }
      guard let found else { continue }
      try add(snapshot.candidates(packageID: chosen.packageID, versionKey: found.versionKey), of: name)
    }
  }

  private func matches(_ spec: MatchSpec, _ candidate: RecordCandidate, _ name: String) -> Bool {
    spec.matches(
      MatchCandidate(members: [
        "name": .string(name), "version": .string(candidate.version), "build": .string(candidate.build),
        "build_number": .integer(candidate.buildNumber), "subdir": .string(snapshot.subdir),
      ]))
  }

  /// Chooses records and notes what they need; says whether one of them has features.
  @discardableResult
  private mutating func add(_ records: [RecordCandidate], of name: String) throws -> Bool {
    var hasFeatures = false
    for record in records where packages[name]?.records.contains(record) == false {
      packages[name]?.records.append(record)
      let members = try snapshot.withRecord(key: record.key) {
        JSONFragment.members(["depends", "features", "track_features"], of: $0)
      }
      hasFeatures = hasFeatures || Self.hasFeatures(members)
      for spec in (members["depends"]?.asArray ?? []).compactMap(\.asString)
      where seenSpecs.insert(spec).inserted { newSpecs.append(spec) }
    }
    return hasFeatures
  }

  private static func hasFeatures(_ record: UnsafeRawBufferPointer) -> Bool {
    hasFeatures(JSONFragment.members(["features", "track_features"], of: record))
  }

  private static func hasFeatures(_ members: [String: JSONValue]) -> Bool {
    ["features", "track_features"].contains { key in
      let value = members[key]
      return value?.asString?.isEmpty == false || value?.asArray?.isEmpty == false
    }
  }
}
