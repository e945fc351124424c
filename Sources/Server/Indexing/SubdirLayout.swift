import CondaTypes
import Foundation

/// How the large documents of a subdir are cut into pieces, so that the next ones are made of those that did not change.
///
///     head | piece, piece, … | between | piece, piece, … | tail
///            packages                    packages.conda
///
/// A piece is the records of neighbouring file names, the same ones in all documents of a family. Where the cuts are depends on
/// the file names alone (`ChunkBoundary`), so that equal rows are cut alike whatever their history. Head, tail and the commas
/// between pieces are made anew each time.
struct SubdirLayout: Codable, Equatable, Sendable {
  /// Where a piece lies in a document and in its compressed form.
  struct Place: Equatable, Sendable {
    var plain: Range<Int64>
    var zst: Range<Int64>
  }

  struct Piece: Equatable, Sendable {
    /// The file name that it begins with; empty for the first of a section, which has the names before all others that
    /// begin one, perhaps none.
    var first: String
    /// The zstd level of its compressed form.
    var level: Int
    /// In each document of the family.
    var places: [Place]
  }

  /// A document's digests.
  struct Files: Codable, Equatable, Sendable {
    var plain: String
    var zst: String
  }

  /// Documents that hold the same records (`PiecedDocuments`).
  struct Family: Codable, Equatable, Sendable {
    /// E.g. `repodata.json`; each has a compressed form.
    var names: [String]
    /// Of each document.
    var files: [Files]
    /// The pieces of `packages` and of `packages.conda`.
    var sections: [[Piece]]
  }

  /// One file name in so many begins a piece.
  var pieceRecords: UInt32
  /// The subdir's generation that the documents show.
  var generation: Int64
  var families: [Family]

  /// What the database keeps; `nil` if this is of another release.
  init?(stored bytes: [UInt8]) {
    guard let layout = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
    self = layout
  }

  init(pieceRecords: UInt32, generation: Int64, families: [Family]) {
    self.pieceRecords = pieceRecords
    self.generation = generation
    self.families = families
  }

  /// As the database keeps it.
  func stored() throws -> [UInt8] { [UInt8](try JSONEncoder().encode(self)) }

  /// Whether some piece is compressed at a lower level.
  func isBelow(level: Int) -> Bool {
    families.contains { $0.sections.joined().contains { $0.level < level } }
  }
}

extension SubdirLayout.Piece: Codable {
  /// `["first", level, start, end, …]`: a large subdir has a thousand of them.
  func encode(to encoder: any Encoder) throws {
    var list = encoder.unkeyedContainer()
    try list.encode(first)
    try list.encode(level)
    for range in places.flatMap({ [$0.plain, $0.zst] }) {
      try list.encode(range.lowerBound)
      try list.encode(range.upperBound)
    }
  }

  init(from decoder: any Decoder) throws {
    var list = try decoder.unkeyedContainer()
    first = try list.decode(String.self)
    level = try list.decode(Int.self)
    func range() throws -> Range<Int64> {
      let (start, end) = (try list.decode(Int64.self), try list.decode(Int64.self))
      guard 0 <= start, start <= end else {
        throw DecodingError.dataCorruptedError(in: list, debugDescription: "no range")
      }
      return start..<end
    }
    places = []
    while !list.isAtEnd { places.append(try .init(plain: range(), zst: range())) }
  }
}
