import CondaArchive
import CondaTypes
import Metadata

/// One family of a subdir's documents, put together from pieces.
struct SplicedFamily<Documents: PiecedDocuments> {
  /// What they are cut into.
  private(set) var layout: SubdirLayout.Family
  /// The documents by file name, plain and compressed.
  private(set) var documents: [(name: String, document: FinishedDocument)] = []

  /// So many replaced pieces per section are compressed well at once; more are for speed.
  private static var fewPieces: Int { 4 }

  private let snapshot: SubdirSnapshot
  private let pieceRecords: UInt32
  private let level: Int
  private let targets: [PieceDocument]
  private let former: Former?

  /// - Parameters:
  ///   - documents: What is in them.
  ///   - snapshot: Where the records come from.
  ///   - former: What those before are cut into; `nil` to make everything anew.
  ///   - changed: The packages that changed since, by name.
  ///   - level: The zstd level, unless there is much to compress.
  init(
    _ documents: Documents, of snapshot: SubdirSnapshot, from former: SubdirLayout.Family?, changed: [String],
    store: DocumentStore, level: Int, pieceRecords: UInt32
  ) throws {
    self.snapshot = snapshot
    self.pieceRecords = pieceRecords
    self.former = former.flatMap { try? Former($0, in: store) }
    let plans = try self.former?.plans(
      for: documents.form, of: snapshot, changed: changed, pieceRecords: pieceRecords)
    self.level =
      (plans ?? [.all]).allSatisfy { $0.replacedCount <= Self.fewPieces }
      ? level : DocumentCompression.fastLevel
    let zstd = try ZstdParts(level: self.level, windowLog: PieceDocument.windowLog)
    targets = try documents.names.map { try PieceDocument($0, in: store.folder, zstd: zstd) }
    layout = SubdirLayout.Family(names: documents.names, files: [], sections: [])
    try write(documents, plans ?? [.all, .all])
    for target in targets { self.documents += try target.finish() }
    layout.files = stride(from: 0, to: self.documents.count, by: 2).map { index in
      .init(
        plain: self.documents[index].document.digest.hex, zst: self.documents[index + 1].document.digest.hex)
    }
  }

  private mutating func write(_ documents: Documents, _ plans: [SplicePlan]) throws {
    var documents = documents
    let former = former?.layout.sections ?? [[], []]
    try documents.begin(targets)
    layout.sections.append(try section(.tarBzip2, of: documents, plans[0], former[0]))
    try documents.beginCondaPackages(targets)
    layout.sections.append(try section(.conda, of: documents, plans[1], former[1]))
    try documents.end(targets)
  }

  /// Writes the records of one format.
  private func section(
    _ format: ArtifactFormat, of documents: Documents, _ plan: SplicePlan,
    _ formerPieces: [SubdirLayout.Piece]
  ) throws -> [SubdirLayout.Piece] {
    var section = PieceSection(targets: targets, level: level)
    for step in plan.steps {
      switch step {
      case .keep(let range):
        for piece in formerPieces[range] { try section.keep(piece, from: former?.sources ?? []) }
      case .render(let start, let end):
        if start == nil { section.begin(first: "") }
        try snapshot.forEachRecord(
          .packages, format: format.rawValue, form: documents.form, from: start, to: end
        ) { record in
          if ChunkBoundary.begins(record.fileName.utf8, oneIn: pieceRecords) {
            try section.end()
            section.begin(first: record.fileName)
          }
          section.append { documents.append(record, to: &$0) }
        }
        try section.end()
      }
    }
    return section.pieces
  }

  /// The documents before.
  private struct Former {
    let layout: SubdirLayout.Family
    let sources: [PieceSource]

    /// - Throws: `BlobStoreError` if they cannot be used.
    init(_ layout: SubdirLayout.Family, in store: DocumentStore) throws {
      self.layout = layout
      sources = try layout.names.indices.map { try PieceSource($0, of: layout, in: store) }
    }

    func plans(
      for form: RecordForm, of snapshot: SubdirSnapshot, changed: [String], pieceRecords: UInt32
    ) throws -> [SplicePlan] {
      try zip([ArtifactFormat.tarBzip2, .conda], layout.sections).map { format, pieces in
        try SplicePlan(firsts: pieces.map(\.first), packages: changed, pieceRecords: pieceRecords) {
          try snapshot.firstFileName(.packages, format: format.rawValue, form: form, from: $0)
        }
      }
    }
  }
}
