import CondaArchive
import CondaTypes

/// A document being put together from pieces, plain and compressed at the same time: new ones are compressed by themselves,
/// old ones are copied from the files they lie in.
///
/// Used by one thread.
final class PieceDocument: DocumentTarget {
  /// A megabyte: more than almost every piece has.
  static let windowLog = 20
  /// Up to here what stands between pieces is not worth compressing.
  private static let fewBytes = 128

  private let name: String
  private let plain: DocumentFile
  private let zst: DocumentFile
  private let zstd: ZstdParts
  /// What stands in `plain` behind the last piece, and not in `zst` yet.
  private var between: [UInt8] = []

  /// - Parameters:
  ///   - name: The plain document's file name.
  ///   - folder: Where temporary files go.
  ///   - zstd: Compresses the pieces.
  init(_ name: String, in folder: String, zstd: ZstdParts) throws {
    self.name = name
    self.zstd = zstd
    plain = try DocumentFile(in: folder)
    zst = try DocumentFile(in: folder, digestsAtEnd: true)
    try zst.append { $0 += Self.header(contentSize: 0) }
  }

  /// Appends what belongs to no piece: whatever `body` adds to the buffer.
  func append(_ body: (inout [UInt8]) -> Void) throws {
    let start = between.count
    body(&between)
    let added = between[start...]
    try plain.append { $0 += added }
    if between.count >= 1 << Self.windowLog { try endBetween() }
  }

  /// Appends a new piece.
  func appendPiece(_ piece: [UInt8]) throws -> SubdirLayout.Place {
    try endBetween()
    let compressed = try zstd.part(piece)
    return try place {
      try plain.append { $0 += piece }
      try zst.append { $0 += compressed }
    }
  }

  /// Appends a piece of a former document as it is.
  func appendPiece(_ place: SubdirLayout.Place, of source: PieceSource) throws -> SubdirLayout.Place {
    try endBetween()
    return try self.place {
      try source.copy(place.plain, of: source.plain, to: plain)
      try source.copy(place.zst, of: source.zst, to: zst)
    }
  }

  /// The finished documents by file name.
  func finish() throws -> [(name: String, document: FinishedDocument)] {
    try endBetween()
    try zst.append { $0 += ZstdParts.end }
    try zst.replaceStart(with: Self.header(contentSize: plain.position))
    return [
      (name, try FinishedDocument(plain)), ("\(name).zst", try FinishedDocument(zst)),
    ]
  }

  private func place(_ write: () throws -> Void) rethrows -> SubdirLayout.Place {
    let (plainStart, zstStart) = (plain.position, zst.position)
    try write()
    return SubdirLayout.Place(plain: plainStart..<plain.position, zst: zstStart..<zst.position)
  }

  private func endBetween() throws {
    if between.isEmpty { return }
    let blocks = try Self.blocks(between: between, zstd)
    try zst.append { $0 += blocks }
    between = []
  }

  /// The blocks of what belongs to no piece.
  static func blocks(between bytes: [UInt8], _ zstd: ZstdParts) throws -> [UInt8] {
    bytes.count <= fewBytes ? ZstdParts.raw(bytes) : try zstd.part(bytes)
  }

  static func header(contentSize: Int64) -> [UInt8] {
    ZstdParts.header(contentSize: contentSize, windowLog: windowLog, sizeField: .eightBytes)
  }
}
