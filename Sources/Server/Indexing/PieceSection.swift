/// The pieces of one section while they are written to all documents of a family.
struct PieceSection {
  private(set) var pieces: [SubdirLayout.Piece] = []
  private let targets: [PieceDocument]
  private let level: Int
  private var hasRecords = false
  private var first: String?
  private var buffers: [[UInt8]]

  /// - Parameter level: The zstd level that the targets compress at.
  init(targets: [PieceDocument], level: Int) {
    self.targets = targets
    self.level = level
    buffers = targets.map { _ in [] }
  }

  mutating func begin(first: String) { self.first = first }

  /// Adds a record, which `body` appends to each document's piece.
  mutating func append(_ body: (inout [[UInt8]]) -> Void) {
    for index in buffers.indices where !buffers[index].isEmpty { buffers[index].append(UInt8(ascii: ",")) }
    body(&buffers)
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

  /// Appends a piece of the documents before as it is.
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
