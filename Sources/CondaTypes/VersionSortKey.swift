/// Writes a parsed version as bytes that sort like it.
///
///     10 word… 00   a word; below everything that stands for zero
///     40            a zero after which this part goes on with something below zero (a word)
///     50 51 52      end of a part: what follows in the whole version is below zero · nothing · above zero
///     60            a zero after which this part goes on with something above zero
///     71…D4 digits  a number of 1…100 digits;   D5 + 4 bytes of count + digits: a longer one
///     F0            "post"; above every number
///
/// conda compares part by part and fills the shorter part, and the shorter version, with zeros. So trailing
/// zeros are dropped (which makes `1.0` and `1.0.0` one key), and a zero, or the end of a part, is written as
/// the sign of the next thing that is not zero: exactly what the comparison with the filled-up other side
/// would come to.
enum VersionSortKey {
  typealias Part = VersionParser.Part
  typealias Piece = VersionParser.Piece

  static func make(version: [Part], local: [Part]) -> [UInt8] {
    var key: [UInt8] = []
    key.reserveCapacity(48)
    append(version, to: &key)
    append(local, to: &key)
    return key
  }

  private static func append(_ parts: [Part], to key: inout [UInt8]) {
    var parts = parts.map(withoutTrailingZeros)
    while parts.last?.isEmpty == true { parts.removeLast() }
    for (index, part) in parts.enumerated() {
      for (position, piece) in part.enumerated() {
        append(piece, isBeforeWord: isFirstNonZeroAWord(part[(position + 1)...]), to: &key)
      }
      let following = parts[(index + 1)...].first { !$0.isEmpty }
      key.append(following.map { isFirstNonZeroAWord($0[...]) ? 0x50 : 0x52 } ?? 0x51)
    }
    if parts.isEmpty { key.append(0x51) }
  }

  private static func withoutTrailingZeros(_ part: Part) -> Part {
    var part = part
    while part.last == .number([]) { part.removeLast() }
    return part
  }

  private static func isFirstNonZeroAWord(_ pieces: ArraySlice<Piece>) -> Bool {
    if case .word = pieces.first(where: { $0 != .number([]) }) { return true }
    return false
  }

  private static func append(_ piece: Piece, isBeforeWord: Bool, to key: inout [UInt8]) {
    switch piece {
    case .word(let bytes):
      key.append(0x10)
      key += bytes
      key.append(0)
    case .number(let digits) where digits.isEmpty:
      key.append(isBeforeWord ? 0x40 : 0x60)
    case .number(let digits):
      if digits.count <= 100 {
        key.append(0x70 + UInt8(digits.count))
      } else {
        key.append(0xD5)
        withUnsafeBytes(of: UInt32(digits.count).bigEndian) { key += $0 }
      }
      key += digits
    case .post:
      key.append(0xF0)
    }
  }
}
