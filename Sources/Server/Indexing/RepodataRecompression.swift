import Backends
import CondaArchive
import CondaTypes
import Foundation
import Locks
import Metadata

/// Compresses the pieces of large documents better, once nothing changes any more: many at once are first compressed for
/// speed (`DocumentCompression.fastLevel`).
struct RepodataRecompression: Sendable {
  /// What was made: the rows of the compressed documents, and what the subdir's documents are cut into now.
  struct Made: Sendable {
    let rows: [DocumentRow]
    let layout: SubdirLayout
    /// What they were cut into: the rows are out of date once that is no longer so.
    let former: SubdirLayout
  }

  let metadata: MetadataStore
  let store: DocumentStore
  let level: Int
  /// The subdirs whose documents could be smaller.
  private let waiting = Guarded<Set<SubdirKey>>([])

  init(metadata: MetadataStore, store: DocumentStore, level: Int) {
    self.metadata = metadata
    self.store = store
    self.level = level
  }

  var hasWork: Bool { waiting.withLock { !$0.isEmpty } }

  func note(_ candidate: SubdirKey) { waiting.withLock { _ = $0.insert(candidate) } }

  /// Notes what an earlier process may have left: which of it could be smaller is looked at when its turn comes.
  func noteAll() async throws {
    for (channelID, subdir) in try await metadata.subdirsWithLayouts() {
      note(.init(channelID: channelID, subdir: subdir))
    }
  }

  /// Takes one of those that wait.
  func next() -> SubdirKey? { waiting.withLock { $0.popFirst() } }

  /// Makes the compressed documents anew from the plain ones as they are served now; the rows that name them are for the
  /// caller to commit.
  ///
  /// - Parameter isWanted: Asked again and again. Once it is false, what is left stays as it is, so that the work, half a
  ///   minute for 500,000 records, is neither waited for nor lost.
  /// - Returns: `nil` if there is nothing to make, or it is not wanted.
  func make(
    _ candidate: SubdirKey, isWanted: @escaping @Sendable () -> Bool
  ) async throws -> Made? {
    guard isWanted(), let layout = try await layout(of: candidate), layout.isBelow(level: level) else {
      return nil
    }
    let made = try await store.run { try compress(layout, isWanted: isWanted) }
    if made.layout == layout { return nil }
    var rows: [DocumentRow] = []
    for (name, document) in made.documents {
      rows.append(
        try await store.put(
          document, channelID: candidate.channelID, path: "\(candidate.subdir)/\(name).zst"))
    }
    return Made(rows: rows, layout: made.layout, former: layout)
  }

  /// How the documents are cut that are served now.
  func layout(of candidate: SubdirKey) async throws -> SubdirLayout? {
    let stored = try await metadata.withSnapshot(
      channelID: candidate.channelID, subdir: candidate.subdir
    ) { try $0.layout() }
    return stored.flatMap(SubdirLayout.init(stored:))
  }

  /// Blocks.
  private func compress(
    _ layout: SubdirLayout, isWanted: () -> Bool
  ) throws -> (documents: [(name: String, document: FinishedDocument)], layout: SubdirLayout) {
    var layout = layout
    let zstd = try ZstdParts(level: level, windowLog: PieceDocument.windowLog)
    var documents: [(name: String, document: FinishedDocument)] = []
    for family in layout.families.indices {
      documents += try compress(&layout.families[family], zstd, isWanted: isWanted)
    }
    return (documents, layout)
  }

  /// The documents' compressed forms, in which the pieces have other places.
  private func compress(
    _ family: inout SubdirLayout.Family, _ zstd: ZstdParts, isWanted: () -> Bool
  ) throws -> [(name: String, document: FinishedDocument)] {
    let targets = try family.names.indices.map { index in
      try RecompressedDocument(
        in: store.folder, zstd: zstd, source: PieceSource(index, of: family, in: store))
    }
    for section in family.sections.indices {
      for piece in family.sections[section].indices {
        try compress(&family.sections[section][piece], into: targets, isWanted: isWanted)
      }
    }
    return try family.names.indices.map { index in
      let document = try targets[index].finish()
      family.files[index].zst = document.digest.hex
      return (family.names[index], document)
    }
  }

  private func compress(
    _ piece: inout SubdirLayout.Piece, into targets: [RecompressedDocument], isWanted: () -> Bool
  ) throws {
    let stays = piece.level >= level || !isWanted()
    for (index, target) in targets.enumerated() {
      piece.places[index].zst = try target.append(piece.places[index], stays: stays)
    }
    if !stays { piece.level = level }
  }
}
