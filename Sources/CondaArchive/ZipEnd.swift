/// The records at the very end of a ZIP file, which say where its directory lies. `ZipDirectory` draws them.
struct ZipEnd {
  /// How many members the directory lists.
  let entryCount: Int64
  /// Bytes of the directory.
  let directorySize: Int64
  /// Where the directory begins.
  let directoryOffset: Int64

  /// Finds the records.
  ///
  /// - Throws: `.zipEndMissing` if the file does not end with them; `.zipDamaged`, `.zipHiddenBytes`.
  init(of file: ArchiveSource) throws(ArchiveError) {
    let tailSize = min(file.size, 22 + 0xffff)
    let tailOffset = file.size - tailSize
    let tail = LittleEndianBytes(try file.bytes(at: tailOffset, count: Int(tailSize)))
    guard let position = tail.lastIndex(of: 0x0605_4b50, before: tail.count - 18),
      position + 22 + Int(tail.uint16(at: position + 20)) == tail.count
    else {
      throw .zipEndMissing
    }
    let classic = [
      Int64(tail.uint16(at: position + 10)), Int64(tail.uint32(at: position + 12)),
      Int64(tail.uint32(at: position + 16)),
    ]
    guard tail.uint32(at: position + 4) == 0, tail.uint16(at: position + 8) == tail.uint16(at: position + 10)
    else {
      throw .zipDamaged(detail: "the file is one part of several")
    }
    var end = tailOffset + Int64(position)
    var fields = classic
    if let (large, start) = try Self.zip64(before: end, in: file) {
      // A field of the short record is either all ones or the same number.
      let isSame = zip(zip(classic, [0xffff, 0xffff_ffff, 0xffff_ffff]), large).allSatisfy { pair, large in
        pair.0 == pair.1 || pair.0 == large
      }
      guard isSame else { throw .zipDamaged(detail: "the ZIP64 record disagrees with the short one") }
      fields = large
      end = start
    }
    (entryCount, directorySize, directoryOffset) = (fields[0], fields[1], fields[2])
    let (directoryEnd, overflow) = directoryOffset.addingReportingOverflow(directorySize)
    guard fields.allSatisfy({ $0 >= 0 }), !overflow, directoryEnd <= end else {
      throw .zipDamaged(detail: "the directory lies outside the file")
    }
    guard directoryEnd == end else { throw .zipHiddenBytes(offset: directoryEnd, count: end - directoryEnd) }
  }

  /// The ZIP64 record's entry count, directory size and offset, and where the record begins; `nil` if there
  /// is none.
  private static func zip64(
    before end: Int64, in file: ArchiveSource
  ) throws(ArchiveError) -> (fields: [Int64], start: Int64)? {
    guard end >= 20 else { return nil }
    let locator = LittleEndianBytes(try file.bytes(at: end - 20, count: 20))
    guard locator.has(20, at: 0), locator.uint32(at: 0) == 0x0706_4b50 else { return nil }
    let start = locator.int64(at: 8)
    let record = LittleEndianBytes(try file.bytes(at: start, count: 56))
    guard record.has(56, at: 0), record.uint32(at: 0) == 0x0606_4b50,
      start.addingReportingOverflow(12).partialValue.addingReportingOverflow(record.int64(at: 4)) == (
        end - 20, false
      ),
      record.uint32(at: 16) == 0, record.uint32(at: 20) == 0, record.int64(at: 24) == record.int64(at: 32)
    else { throw .zipDamaged(detail: "the ZIP64 record is malformed") }
    return ([record.int64(at: 32), record.int64(at: 40), record.int64(at: 48)], start)
  }
}
