import CondaArchive
import CondaTypes
import Metadata

/// The JSON documents of a subdir, written from one snapshot in one go, so that they agree.
///
/// Making it blocks; the bytes go to temporary files.
struct SubdirBundle: Sendable {
  /// The state of the subdir that they show.
  let generation: Int64
  /// The documents by file name, plain and compressed.
  private(set) var documents: [(name: String, document: FinishedDocument)] = []
  /// Names that have no document in this state, although others may have had one.
  private(set) var absentNames: [String] = []
  /// What the next ones can be put together from; `nil` for a small subdir, where all of this is made anew.
  private(set) var layout: SubdirLayout?

  init(of snapshot: SubdirSnapshot, in store: DocumentStore, configuration: IndexConfiguration) throws {
    generation = snapshot.generation
    let info = try snapshot.relations().json.map { ["channel_relations": $0] } ?? [:]
    var fullInfo = info
    fullInfo["repodata_revisions"] = try snapshot.revision3().map(Self.json)
    let isLarge = try snapshot.hasArtifacts(atLeast: configuration.splicedFrom)
    let shown = ShownDocuments(of: snapshot, info: fullInfo)
    let unpatched = try snapshot.isPatched() ? UnpatchedDocument(of: snapshot, info: info) : nil
    if isLarge {
      let families: [(any PiecedDocuments)?] = [shown, unpatched]
      let spliced = try SplicedBundle(
        of: snapshot, families.compactMap(\.self), store: store, configuration: configuration)
      (documents, layout) = (spliced.documents, spliced.layout)
      if configuration.bz2 { documents.append(try Self.writeBzip2(of: spliced.documents[0].document, store)) }
    } else {
      let compression = DocumentCompression.small(level: configuration.wholeLevel)
      documents += try Self.write(
        shown, of: snapshot, store.folder, compression, bz2: configuration.bz2)
      documents += try Self.writeCurrent(snapshot, info, store.folder, compression)
      if let unpatched { documents += try Self.write(unpatched, of: snapshot, store.folder, compression) }
    }
    if !configuration.bz2 { absentNames.append("repodata.json.bz2") }
    if unpatched == nil { absentNames += [UnpatchedDocument.name, UnpatchedDocument.name + ".zst"] }
  }

  /// `current_repodata.json`, which of a large subdir comes later than the others: choosing its records takes longer than
  /// all the rest.
  static func current(
    of snapshot: SubdirSnapshot, in store: DocumentStore
  ) throws -> [(name: String, document: FinishedDocument)] {
    let info = try snapshot.relations().json.map { ["channel_relations": $0] } ?? [:]
    return try writeCurrent(snapshot, info, store.folder, .large)
  }

  /// `repodata.json.bz2`, from the finished document.
  private static func writeBzip2(
    of document: FinishedDocument, _ store: DocumentStore
  ) throws -> (name: String, document: FinishedDocument) {
    let file = try DocumentFile(in: store.folder)
    let encoder = try Bzip2Encoder { try file.append($0) }
    try document.readAll { try encoder.write($0) }
    try encoder.finish()
    return ("repodata.json.bz2", try FinishedDocument(file))
  }

  /// Documents of a small subdir, made whole.
  private static func write(
    _ documents: some PiecedDocuments, of snapshot: SubdirSnapshot, _ folder: String,
    _ compression: DocumentCompression, bz2: Bool = false
  ) throws -> [(name: String, document: FinishedDocument)] {
    let files = try documents.names.map { name in
      var compression = compression
      compression.bz2 = bz2 && name == "repodata.json"
      return try DocumentVariants(name, in: folder, compression)
    }
    var documents = documents
    try documents.write(snapshot, to: files)
    return try files.flatMap { try $0.finish() }
  }

  /// What `CurrentSelection` chooses: `current_repodata.json`.
  private static func writeCurrent(
    _ snapshot: SubdirSnapshot, _ info: [String: JSONValue], _ folder: String,
    _ compression: DocumentCompression
  ) throws -> [(name: String, document: FinishedDocument)] {
    let file = try DocumentVariants("current_repodata.json", in: folder, compression)
    var writer = RepodataWriter(subdir: snapshot.subdir, info: info)
    try file.append { writer.begin(into: &$0) }
    for record in try CurrentSelection.choose(from: snapshot) {
      let format: ArtifactFormat = record.format == ArtifactFormat.conda.rawValue ? .conda : .tarBzip2
      try snapshot.withRecord(key: record.key) { json in
        try file.append { writer.append(fileName: record.fileName, record: json, format: format, to: &$0) }
      }
    }
    try snapshot.forEachRemoved { name in try file.append { writer.appendRemoved(name, to: &$0) } }
    try file.append { writer.finish(into: &$0) }
    return try file.finish()
  }

  private static func json(_ revision: SubdirSnapshot.Revision) -> JSONValue {
    [
      "v3": [
        "n_packages": .integer(revision.count), "newest": .integer(revision.newest),
        "oldest": .integer(revision.oldest),
      ]
    ]
  }
}
