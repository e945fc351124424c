/// The bytes of the member at which a `ZipReader` stands.
final class ZipMemberSource: ByteSource {
  /// The member.
  let member: ZipMember
  private let reader: ZipReader
  private let deadline: Deadline
  private var peeked: UnsafeRawBufferPointer?
  private var count: Int64 = 0

  init(_ reader: ZipReader, member: ZipMember, deadline: Deadline) {
    self.reader = reader
    self.member = member
    self.deadline = deadline
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    if let peeked {
      self.peeked = nil
      return peeked
    }
    try deadline.check()
    guard let block = try reader.nextBlock() else {
      guard count == member.size else {
        throw .zipDamaged(detail: "\(member.displayName) has \(count) bytes of \(member.size)")
      }
      return nil
    }
    count += Int64(block.count)
    return block
  }

  /// Checks that the member begins with a zstd frame.
  func checkZstd() throws(ArchiveError) {
    peeked = try next()
    guard let peeked, peeked.starts(with: ZstdFrames.magic) else {
      throw .notZstd(member: member.displayName)
    }
  }

  /// The whole member.
  func readAll(limit: Int64) throws(ArchiveError) -> [UInt8] {
    guard member.size <= limit else { throw .infoFileTooLarge(path: member.displayName, limit: limit) }
    var bytes: [UInt8] = []
    while let block = try next() {
      bytes.append(contentsOf: block)
    }
    return bytes
  }

  /// Reads what is left, for its checksum.
  func skipToEnd() throws(ArchiveError) {
    while try next() != nil {}
  }
}
