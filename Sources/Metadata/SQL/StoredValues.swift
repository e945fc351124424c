import CondaTypes
import Foundation
internal import GRDB

// How values lie in the tables: a time is INTEGER milliseconds since 1970 UTC, a digest and an ID are BLOBs.

extension Date {
  /// Milliseconds since 1970 UTC.
  init(milliseconds: Int64) {
    self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
  }

  /// Milliseconds since 1970 UTC, rounded to the nearest, so that a stored time survives a round trip.
  ///
  /// A time beyond 285,000 years from now, which arithmetic on what somebody sent may give, is the end of that.
  var milliseconds: Int64 {
    let milliseconds = (timeIntervalSince1970 * 1000).rounded()
    return abs(milliseconds) < 9e15
      ? Int64(milliseconds) : milliseconds < 0 ? -9_000_000_000_000_000 : 9_000_000_000_000_000
  }
}

extension UUID {
  /// A new ID that sorts by time (version 7, RFC 9562 §5.7): rows made one after the other get neighbouring places in the
  /// index of their IDs, so that a commit of many writes few of its pages.
  init(timeOrderedAt now: Date) {
    let time = UInt64(max(0, now.milliseconds))
    let high = time << 16 | 0x7000 | UInt64.random(in: 0...0xFFF)
    let low = UInt64.random(in: .min ... .max) >> 2 | 1 << 63
    func byte(_ value: UInt64, _ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: value >> (56 - 8 * index)) }
    self.init(
      uuid: (
        byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5),
        byte(high, 6),
        byte(high, 7), byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5),
        byte(low, 6), byte(low, 7)
      ))
  }
}

extension Digest {
  /// The bytes as SQLite takes them.
  var stored: Data { Data(bytes) }
}

extension Row {
  /// A column's value; throws where GRDB's subscript would end the process on a damaged file.
  func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    try decode(Value.self, forColumn: column)
  }

  /// A time, or nil.
  func date(_ column: String) throws -> Date? {
    let milliseconds: Int64? = try value(column)
    return milliseconds.map { Date(milliseconds: $0) }
  }

  /// A time.
  func time(_ column: String) throws -> Date {
    Date(milliseconds: try value(column))
  }

  /// A SHA-256 digest.
  func sha256(_ column: String) throws -> Digest {
    let bytes: Data = try value(column)
    return try Digest(algorithm: .sha256, bytes: [UInt8](bytes))
  }

  /// An MD5 digest.
  func md5(_ column: String) throws -> Digest {
    let bytes: Data = try value(column)
    return try Digest(algorithm: .md5, bytes: [UInt8](bytes))
  }

  /// A role, or nil.
  func role(_ column: String) throws -> Role? {
    let text: String? = try value(column)
    return text.flatMap(Role.init(rawValue:))
  }
}

/// A pattern for `LIKE … ESCAPE '\'` that finds a text anywhere, taken literally.
func likePattern(containing text: String) -> String {
  var pattern = "%"
  for character in text {
    if character == "%" || character == "_" || character == "\\" { pattern.append("\\") }
    pattern.append(character)
  }
  return pattern + "%"
}
