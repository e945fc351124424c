// The part of a ZIP file (PKWARE APPNOTE 6.3.10, little endian) that libarchive does not show.
//
//   [local header | name | extra | data | descriptor?]…
//   [directory entry | name | extra | comment]…  [ZIP64 end | ZIP64 locator]?  [end | comment]
//
//   local header (30)            directory entry (46)           end (22)
//    0  "PK" 3 4                  0  "PK" 1 2                     0  "PK" 5 6
//    6  flags          2          8  flags               2        4  this disk, directory's disk       2 2
//    8  method         2         10  method              2        8  entries here, entries in all      2 2
//   14  CRC-32         4         16  CRC-32              4       12  directory's size                  4
//   18  stored size    4         20  stored size         4       16  directory's offset                4
//   22  size           4         24  size                4       20  comment's length                  2
//   26  name's length  2         28  name's length       2
//   28  extra's length 2         30  extra's length      2      ZIP64 locator (20)
//                                32  comment's length    2       0  "PK" 6 7
//   data descriptor              42  local header at     4       8  ZIP64 end at                       8
//    "PK" 7 8 (optional)
//    CRC-32                     extra: (id 2, length 2, data)…  ZIP64 end (56 or more)
//    stored size, size           id 1 = ZIP64: 8 bytes for       0  "PK" 6 6
//    (4 or 8 bytes each)         each of size, stored size,      4  bytes that follow this field       8
//                                offset that is all ones        32  entries, 40 size, 48 offset      8 8 8

/// One member as the directory at the end of a ZIP file lists it.
struct ZipMember {
  /// The name's bytes, meant to be UTF-8 or ASCII.
  let name: [UInt8]
  /// General purpose flags: bit 0 encrypted, bit 3 sizes in a data descriptor, bits 6 and 13 stronger
  /// encryption.
  let flags: UInt16
  /// 0 is stored, 8 deflated.
  let method: UInt16
  /// CRC-32 of the content.
  let crc: UInt32
  /// Bytes in the file.
  let storedSize: Int64
  /// Bytes of the content.
  let size: Int64
  /// Where the local header lies.
  let headerOffset: Int64

  /// The name for an error message.
  var displayName: String { String(decoding: name.prefix(256), as: UTF8.self) }
}

/// The directory of a ZIP file, read strictly: every byte of the file must have one meaning.
struct ZipDirectory {
  /// The members, in the order in which they lie in the file.
  let members: [ZipMember]
  /// Where the directory begins, and the members must end.
  let offset: Int64

  /// Reads the directory.
  ///
  /// - Throws: `.notZip`, `.zipEndMissing`, `.zipDamaged`.
  init(of file: ArchiveSource) throws(ArchiveError) {
    let start = try file.bytes(at: 0, count: 4)
    guard [[0x50, 0x4b, 3, 4], [0x50, 0x4b, 5, 6]].contains(start) else { throw .notZip }
    let end = try ZipEnd(of: file)
    offset = end.directoryOffset
    // A .conda has three members; the rest is room for naming the one that does not belong.
    guard end.directorySize <= 1 << 20 else { throw .zipDamaged(detail: "the directory is too large") }
    let fields = LittleEndianBytes(try file.bytes(at: offset, count: Int(end.directorySize)))
    var members: [ZipMember] = []
    var position = 0
    while position < fields.count {
      guard let (member, length) = Self.member(at: position, in: fields) else {
        throw .zipDamaged(detail: "the directory is malformed")
      }
      members.append(member)
      position += length
    }
    guard position == fields.count, Int64(fields.count) == end.directorySize,
      Int64(members.count) == end.entryCount
    else { throw .zipDamaged(detail: "the directory does not have the size it declares") }
    self.members = members.sorted { $0.headerOffset < $1.headerOffset }
  }

  /// Throws if a member is not stored as it is.
  func checkStored() throws(ArchiveError) {
    for member in members {
      guard member.flags & 0x2041 == 0 else { throw .encryptedMember(member.displayName) }
      guard member.method == 0 else { throw .compressedMember(member.displayName) }
      guard member.storedSize == member.size else {
        throw .zipDamaged(detail: "\(member.displayName) is stored but has two sizes")
      }
    }
  }

  /// Throws if the members' own headers disagree with the directory, or do not fill the file up to the
  /// directory.
  func checkLayout(in file: ArchiveSource) throws(ArchiveError) {
    var position: Int64 = 0
    for (index, member) in members.enumerated() {
      guard member.headerOffset >= position else { throw .zipDamaged(detail: "members overlap") }
      guard member.headerOffset == position else {
        throw .zipHiddenBytes(offset: position, count: member.headerOffset - position)
      }
      let local = LittleEndianBytes(try file.bytes(at: position, count: 30 + member.name.count + 0xffff))
      guard let headerSize = member.localHeaderSize(local) else {
        throw .zipHeadersDisagree(member: member.displayName)
      }
      let (end, overflow) = (position + headerSize).addingReportingOverflow(member.size)
      let next = index + 1 < members.count ? members[index + 1].headerOffset : offset
      guard !overflow, end <= next else { throw .zipDamaged(detail: "members overlap") }
      position = end
      if member.flags & 8 != 0 {
        let following = LittleEndianBytes(try file.bytes(at: end, count: Int(min(24, next - end))))
        guard let size = member.descriptorSize(in: following) else {
          throw .zipHeadersDisagree(member: member.displayName)
        }
        position += size
      }
    }
    guard position == offset else { throw .zipHiddenBytes(offset: position, count: offset - position) }
  }

  private static func member(at position: Int, in fields: LittleEndianBytes) -> (ZipMember, length: Int)? {
    guard fields.has(46, at: position), fields.uint32(at: position) == 0x0201_4b50 else { return nil }
    let nameLength = Int(fields.uint16(at: position + 28))
    let extraLength = Int(fields.uint16(at: position + 30))
    let length = 46 + nameLength + extraLength + Int(fields.uint16(at: position + 32))
    guard fields.has(length, at: position), fields.uint16(at: position + 34) == 0 else { return nil }
    let extra = fields.slice(at: position + 46 + nameLength, count: extraLength)
    let sizes = extra.zip64(
      [24, 20, 42].map { fields.uint32(at: position + $0) })
    guard let sizes else { return nil }
    let member = ZipMember(
      name: fields.slice(at: position + 46, count: nameLength).bytes,
      flags: fields.uint16(at: position + 8), method: fields.uint16(at: position + 10),
      crc: fields.uint32(at: position + 16), storedSize: sizes[1], size: sizes[0], headerOffset: sizes[2])
    return (member, length)
  }
}

extension ZipMember {
  /// The size of the local header with name and extra field, or `nil` if it says something else than the
  /// directory.
  fileprivate func localHeaderSize(_ fields: LittleEndianBytes) -> Int64? {
    guard fields.has(30, at: 0), fields.uint32(at: 0) == 0x0403_4b50 else { return nil }
    let nameLength = Int(fields.uint16(at: 26))
    let extraLength = Int(fields.uint16(at: 28))
    guard fields.has(30 + nameLength + extraLength, at: 0),
      fields.slice(at: 30, count: nameLength).bytes == name,
      fields.uint16(at: 6) & 0x2049 == flags & 0x2049, fields.uint16(at: 8) == method
    else { return nil }
    let extra = fields.slice(at: 30 + nameLength, count: extraLength)
    guard let sizes = extra.zip64([fields.uint32(at: 22), fields.uint32(at: 18)]) else { return nil }
    let isLater = flags & 8 != 0
    guard fields.uint32(at: 14) == crc || (isLater && fields.uint32(at: 14) == 0),
      sizes == [size, storedSize] || (isLater && sizes == [0, 0])
    else { return nil }
    return Int64(30 + nameLength + extraLength)
  }

  /// The size of this member's data descriptor, with which `fields` must begin.
  fileprivate func descriptorSize(in fields: LittleEndianBytes) -> Int64? {
    for start in [4, 0] {
      guard fields.has(start + 12, at: 0), start == 0 || fields.uint32(at: 0) == 0x0807_4b50,
        fields.uint32(at: start) == crc
      else { continue }
      if fields.has(start + 20, at: 0), fields.int64(at: start + 4) == storedSize,
        fields.int64(at: start + 12) == size
      {
        return Int64(start + 20)
      }
      if Int64(fields.uint32(at: start + 4)) == storedSize, Int64(fields.uint32(at: start + 8)) == size {
        return Int64(start + 12)
      }
    }
    return nil
  }
}
