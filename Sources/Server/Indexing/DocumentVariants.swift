import CondaArchive

/// How the compressed variants of a document are made.
struct DocumentCompression {
  /// 500,000 records take level 1 a third of a second of one core, level 9 three.
  static let fastLevel = 1

  /// Of the `.zst`.
  let level: Int
  /// Threads that compress beside the one that reads.
  let workers: Int
  /// Whether there is a `.bz2` as well.
  var bz2 = false

  /// What suits a large subdir.
  static let large = DocumentCompression(level: fastLevel, workers: 1)

  /// What suits a small subdir.
  static func small(level: Int) -> DocumentCompression { DocumentCompression(level: level, workers: 0) }
}

/// A document being written plain and compressed at the same time, in one pass over its bytes.
///
/// Used by one thread.
final class DocumentVariants: DocumentTarget {
  private let name: String
  private let plain: DocumentFile
  private let zst: DocumentFile
  private let encoder: ZstdEncoder
  private let bz2: (file: DocumentFile, encoder: Bzip2Encoder)?

  /// - Parameters:
  ///   - name: The plain document's file name.
  ///   - folder: Where temporary files go.
  init(_ name: String, in folder: String, _ compression: DocumentCompression) throws {
    self.name = name
    let zst = try DocumentFile(in: folder, digestsAtEnd: true)
    let encoder = try ZstdEncoder(level: compression.level, workers: compression.workers) {
      try zst.append($0)
    }
    var bzip2: Bzip2Encoder?
    if compression.bz2 {
      let file = try DocumentFile(in: folder)
      let encoder = try Bzip2Encoder { try file.append($0) }
      bz2 = (file, encoder)
      bzip2 = encoder
    } else {
      bz2 = nil
    }
    plain = try DocumentFile(in: folder) { [bzip2] bytes in
      try encoder.write(bytes)
      try bzip2?.write(bytes)
    }
    (self.zst, self.encoder) = (zst, encoder)
  }

  /// Appends whatever `body` adds to the buffer.
  func append(_ body: (inout [UInt8]) -> Void) throws { try plain.append(body) }

  /// The finished documents by file name.
  func finish() throws -> [(name: String, document: FinishedDocument)] {
    var documents = [(name, try FinishedDocument(plain))]
    try zst.replaceStart(with: encoder.finish())
    documents.append(("\(name).zst", try FinishedDocument(zst)))
    if let bz2 {
      try bz2.encoder.finish()
      documents.append(("\(name).bz2", try FinishedDocument(bz2.file)))
    }
    return documents
  }
}
