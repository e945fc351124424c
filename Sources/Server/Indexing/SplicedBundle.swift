import Backends
import CondaArchive
import CondaTypes
import Metadata

/// The large documents of a subdir, `repodata.json` and `run_exports.json`, put together from those before: records whose
/// packages did not change are copied with their compressed form, the others rendered from one snapshot.
///
/// What it costs beyond the change is to copy and hash the bytes. Making it blocks; the bytes go to temporary files.
struct SplicedBundle {
  /// What the documents are cut into.
  private(set) var layout: SubdirLayout
  /// The documents by file name, plain and compressed.
  private(set) var documents: [(name: String, document: FinishedDocument)] = []

  /// Beyond so many changed names, or pieces to be made anew, it is no upload's work but a backlog's, and compressed for
  /// speed.
  private static let fewNames = 2000
  private static let fewPieces = 64

  private let snapshot: SubdirSnapshot
  private let sources: [PieceSource]?
  private let targets: [PieceDocument]
  private let level: Int

  /// - Parameters:
  ///   - info: Members of `info` in `repodata.json`, beside the subdir.
  ///   - store: Where the documents before lie, and where temporary files go.
  init(
    of snapshot: SubdirSnapshot, info: [String: JSONValue], store: DocumentStore,
    configuration: IndexConfiguration
  ) throws {
    let former = try Former(of: snapshot, in: store, pieceRecords: configuration.pieceRecords)
    let plans = try former?.plans(for: snapshot) ?? [.all, .all]
    let isSmallChange = former != nil && plans.reduce(0) { $0 + $1.replacedCount } <= Self.fewPieces
    level = isSmallChange ? configuration.pieceLevel : DocumentCompression.fastLevel
    let zstd = try ZstdParts(level: level, windowLog: PieceDocument.windowLog)
    targets = try SubdirLayout.documentNames.map { try PieceDocument($0, in: store.folder, zstd: zstd) }
    self.snapshot = snapshot
    sources = former?.sources
    layout = SubdirLayout(
      pieceRecords: configuration.pieceRecords, generation: snapshot.generation, files: [], sections: [])
    try write(plans, former?.layout.sections ?? [[], []], info: info)
    for target in targets { documents += try target.finish() }
    layout.files = stride(from: 0, to: documents.count, by: 2).map { index in
      .init(plain: documents[index].document.digest.hex, zst: documents[index + 1].document.digest.hex)
    }
  }

  private mutating func write(
    _ plans: [SplicePlan], _ former: [[SubdirLayout.Piece]], info: [String: JSONValue]
  ) throws {
    var repodata = RepodataWriter(subdir: snapshot.subdir, info: info)
    var runExports = RunExportsWriter(subdir: snapshot.subdir)
    try targets[0].append { repodata.begin(into: &$0) }
    try targets[1].append { runExports.begin(into: &$0) }
    layout.sections.append(try section(.tarBzip2, plans[0], former[0]))
    try targets[0].append { repodata.beginCondaPackages(into: &$0) }
    try targets[1].append { runExports.beginCondaPackages(into: &$0) }
    layout.sections.append(try section(.conda, plans[1], former[1]))
    try SubdirTail(repodata: targets[0], runExports: targets[1]).write(snapshot, &repodata, &runExports)
  }

  /// Writes the records of one format.
  private func section(
    _ format: ArtifactFormat, _ plan: SplicePlan, _ former: [SubdirLayout.Piece]
  ) throws -> [SubdirLayout.Piece] {
    var section = PieceSection(targets: targets, level: level)
    for step in plan.steps {
      switch step {
      case .keep(let range):
        for piece in former[range] { try section.keep(piece, from: sources ?? []) }
      case .render(let start, let end):
        if start == nil { section.begin(first: "") }
        try snapshot.forEachRecord(.packages, format: format.rawValue, from: start, to: end) { record in
          if ChunkBoundary.begins(record.fileName.utf8, oneIn: layout.pieceRecords) {
            try section.end()
            section.begin(first: record.fileName)
          }
          section.append(record)
        }
        try section.end()
      }
    }
    return section.pieces
  }

  /// The documents before, as far as they can be used.
  private struct Former {
    let layout: SubdirLayout
    let sources: [PieceSource]
    private let packages: [String]

    /// `nil` if there are none, or so much has changed that they are of no use.
    init?(of snapshot: SubdirSnapshot, in store: DocumentStore, pieceRecords: UInt32) throws {
      guard let layout = try snapshot.layout().flatMap(SubdirLayout.init(stored:)),
        layout.pieceRecords == pieceRecords,
        let packages = try snapshot.changedNames(limit: SplicedBundle.fewNames),
        let sources = try? SubdirLayout.documentNames.indices.map({ index in
          try PieceSource(index, of: layout, in: store)
        })
      else { return nil }
      (self.layout, self.sources, self.packages) = (layout, sources, packages)
    }

    func plans(for snapshot: SubdirSnapshot) throws -> [SplicePlan] {
      try zip([ArtifactFormat.tarBzip2, .conda], layout.sections).map { format, pieces in
        try SplicePlan(
          firsts: pieces.map(\.first), packages: packages, pieceRecords: layout.pieceRecords
        ) { try snapshot.firstFileName(.packages, format: format.rawValue, from: $0) }
      }
    }
  }
}

/// The pieces of one section while they are written to both documents.
private struct PieceSection {
  private(set) var pieces: [SubdirLayout.Piece] = []
  private let targets: [PieceDocument]
  private let level: Int
  private var hasRecords = false
  private var first: String?
  private var buffers: [[UInt8]]

  init(targets: [PieceDocument], level: Int) {
    self.targets = targets
    self.level = level
    buffers = targets.map { _ in [] }
  }

  mutating func begin(first: String) { self.first = first }

  mutating func append(_ record: RecordVisit) {
    for index in buffers.indices where !buffers[index].isEmpty { buffers[index].append(UInt8(ascii: ",")) }
    RepodataWriter.appendEntry(record.fileName, record: record.json, to: &buffers[0])
    RunExportsWriter.appendEntry(record.fileName, runExports: record.runExports, to: &buffers[1])
  }

  /// Ends the piece begun, if there is one.
  mutating func end() throws {
    guard let first else { return }
    self.first = nil
    if !buffers[0].isEmpty { try separate() }
    var places: [SubdirLayout.Place] = []
    for (target, buffer) in zip(targets, buffers) { places.append(try target.appendPiece(buffer)) }
    for index in buffers.indices { buffers[index].removeAll(keepingCapacity: true) }
    pieces.append(.init(first: first, level: level, places: places))
  }

  mutating func keep(_ piece: SubdirLayout.Piece, from sources: [PieceSource]) throws {
    if !piece.places[0].plain.isEmpty { try separate() }
    var kept = piece
    for index in targets.indices {
      kept.places[index] = try targets[index].appendPiece(piece.places[index], of: sources[index])
    }
    pieces.append(kept)
  }

  private mutating func separate() throws {
    if hasRecords { for target in targets { try target.append { $0.append(UInt8(ascii: ",")) } } }
    hasRecords = true
  }
}
