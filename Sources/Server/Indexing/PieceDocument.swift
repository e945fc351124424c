import Backends
import CondaArchive
import CondaTypes
import NIOCore

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
  fileprivate static func blocks(between bytes: [UInt8], _ zstd: ZstdParts) throws -> [UInt8] {
    bytes.count <= fewBytes ? ZstdParts.raw(bytes) : try zstd.part(bytes)
  }

  fileprivate static func header(contentSize: Int64) -> [UInt8] {
    ZstdParts.header(contentSize: contentSize, windowLog: windowLog, sizeField: .eightBytes)
  }
}

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
  /// - Parameter isGood: Whether its compressed form stays as it is.
  func append(_ place: SubdirLayout.Place, isGood: Bool) throws -> Range<Int64> {
    try appendBetween(to: place.plain.lowerBound)
    let start = zst.position
    if isGood {
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

/// The files that a document's pieces lie in.
final class PieceSource {
  fileprivate let plain: OpenFile
  fileprivate let zst: OpenFile
  private static let blockSize: Int64 = 1 << 20

  /// Opens the files of a layout's document.
  ///
  /// - Throws: `BlobStoreError` if one is missing or shorter than the layout says.
  init(_ index: Int, of layout: SubdirLayout, in blobs: any LocalFileBlobStore) throws {
    let places = layout.sections.joined().map { $0.places[index] }
    func open(_ digest: String, end: Int64?) throws -> OpenFile {
      let key = try BlobLayout.key(for: Digest(sha256Hex: digest))
      return try OpenFile(path: blobs.localPath(of: key), key: key, end: end ?? 0)
    }
    plain = try open(layout.files[index].plain, end: places.map(\.plain.upperBound).max())
    zst = try open(layout.files[index].zst, end: places.map(\.zst.upperBound).max())
  }

  fileprivate func copy(_ range: Range<Int64>, of file: OpenFile, to target: DocumentFile) throws {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + Self.blockSize, range.upperBound)
      try file.read(start..<end).withUnsafeReadableBytes { try target.append($0) }
      start = end
    }
  }
}
