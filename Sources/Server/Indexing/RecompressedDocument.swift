import CondaArchive
import NIOCore

/// The compressed form of a document that is there, being made anew from its pieces and what stands between them.
///
/// Used by one thread.
final class RecompressedDocument {
  private let zst: DocumentFile
  private let zstd: ZstdParts
  private let source: PieceSource
  private let contentSize: Int64
  /// Up to where the plain document is in `zst`.
  private var position: Int64 = 0

  init(in folder: String, zstd: ZstdParts, source: PieceSource) throws {
    self.zstd = zstd
    self.source = source
    contentSize = try source.plain.size()
    zst = try DocumentFile(in: folder)
    try zst.append { $0 += PieceDocument.header(contentSize: contentSize) }
  }

  /// Appends a piece, and what stands before it; says where its compressed form lies now.
  ///
  /// - Parameter stays: Whether its compressed form stays as it is.
  func append(_ place: SubdirLayout.Place, stays: Bool) throws -> Range<Int64> {
    try appendBetween(to: place.plain.lowerBound)
    let start = zst.position
    if stays {
      try source.copy(place.zst, of: source.zst, to: zst)
    } else {
      let compressed = try zstd.part(Array(source.plain.read(place.plain).readableBytesView))
      try zst.append { $0 += compressed }
    }
    position = place.plain.upperBound
    return start..<zst.position
  }

  func finish() throws -> FinishedDocument {
    try appendBetween(to: contentSize)
    try zst.append { $0 += ZstdParts.end }
    return try FinishedDocument(zst)
  }

  private func appendBetween(to end: Int64) throws {
    while position < end {
      let next = min(end, position + 1 << PieceDocument.windowLog)
      let blocks = try PieceDocument.blocks(
        between: Array(source.plain.read(position..<next).readableBytesView), zstd)
      try zst.append { $0 += blocks }
      position = next
    }
  }
}
