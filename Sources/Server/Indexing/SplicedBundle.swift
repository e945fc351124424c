import Backends
import CondaArchive
import CondaTypes
import Metadata

/// The large documents of a subdir, put together from those before: records whose packages did not change are copied with
/// their compressed form, the others rendered from one snapshot.
///
/// What it costs beyond the change is to copy and hash the bytes. Making it blocks; the bytes go to temporary files.
struct SplicedBundle {
  /// What the documents are cut into.
  private(set) var layout: SubdirLayout
  /// The documents by file name, plain and compressed.
  private(set) var documents: [(name: String, document: FinishedDocument)] = []

  /// Beyond so many changed names it is no upload's work but a backlog's.
  private static let fewNames = 2000

  /// - Parameters:
  ///   - families: What to make.
  ///   - store: Where the documents before lie, and where temporary files go.
  init(
    of snapshot: SubdirSnapshot, _ families: [any PiecedDocuments], store: DocumentStore,
    configuration: IndexConfiguration
  ) throws {
    layout = SubdirLayout(
      pieceRecords: configuration.pieceRecords, generation: snapshot.generation, families: [])
    let former = try snapshot.layout().flatMap(SubdirLayout.init(stored:))
    let changed =
      former?.pieceRecords == configuration.pieceRecords
      ? try snapshot.changedNames(limit: Self.fewNames) : nil
    let usable = changed == nil ? [] : former?.families ?? []
    for family in families {
      try add(
        family, of: snapshot, from: usable.first { $0.names == family.names }, changed: changed ?? [], store,
        configuration)
    }
  }

  private mutating func add(
    _ documents: some PiecedDocuments, of snapshot: SubdirSnapshot, from former: SubdirLayout.Family?,
    changed: [String], _ store: DocumentStore, _ configuration: IndexConfiguration
  ) throws {
    let family = try SplicedFamily(
      documents, of: snapshot, from: former, changed: changed, store: store, level: configuration.zstdLevel,
      pieceRecords: configuration.pieceRecords)
    self.documents += family.documents
    layout.families.append(family.layout)
  }
}
