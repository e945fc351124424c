extension MessagePack {
  /// Writes MessagePack, each value in its smallest form.
  ///
  /// After a header the caller owes that many values (for a map: keys and values in turn).
  public struct Writer: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []

    /// Starts empty.
    ///
    /// - Parameter capacity: How many bytes are expected, to reserve them at once.
    public init(capacity: Int = 512) { bytes.reserveCapacity(capacity) }

    /// Announces a map of `count` members.
    public mutating func appendMapHeader(count: Int) {
      if count < 16 { bytes.append(0x80 | UInt8(count)) } else { appendLength(count, nil, 0xDE, 0xDF) }
    }

    /// Announces an array of `count` values.
    public mutating func appendArrayHeader(count: Int) {
      if count < 16 { bytes.append(0x90 | UInt8(count)) } else { appendLength(count, nil, 0xDC, 0xDD) }
    }

    /// Writes a text.
    public mutating func appendString(_ text: String) {
      let count = text.utf8.count
      if count < 32 { bytes.append(0xA0 | UInt8(count)) } else { appendLength(count, 0xD9, 0xDA, 0xDB) }
      bytes += text.utf8
    }

    /// Writes bytes as binary.
    public mutating func appendBinary(_ binary: [UInt8]) {
      appendLength(binary.count, 0xC4, 0xC5, 0xC6)
      bytes += binary
    }

    /// Writes a whole number.
    public mutating func appendInt(_ value: Int64) {
      switch value {
      case 0...0x7F: bytes.append(UInt8(value))
      case -32..<0: bytes.append(UInt8(bitPattern: Int8(value)))
      case 0...0xFF: append(0xCC, UInt8(value))
      case 0...0xFFFF: append(0xCD, UInt16(value))
      case 0...0xFFFF_FFFF: append(0xCE, UInt32(value))
      case 0...: append(0xCF, UInt64(value))
      case Int64(Int8.min)...: append(0xD0, Int8(value))
      case Int64(Int16.min)...: append(0xD1, Int16(value))
      case Int64(Int32.min)...: append(0xD2, Int32(value))
      default: append(0xD3, value)
      }
    }

    /// Writes a number in 8 bytes.
    public mutating func appendDouble(_ value: Double) { append(0xCB, value.bitPattern) }

    /// Writes a truth value.
    public mutating func appendBool(_ value: Bool) { bytes.append(value ? 0xC3 : 0xC2) }

    /// Writes nil.
    public mutating func appendNil() { bytes.append(0xC0) }

    /// Writes a value that is MessagePack already, e.g. a stored record.
    public mutating func appendEncoded(_ value: [UInt8]) { bytes += value }

    /// Writes a JSON value, the keys of its objects in order of their UTF-8 bytes.
    public mutating func append(_ value: JSONValue) {
      switch value {
      case .null: appendNil()
      case .bool(let value): appendBool(value)
      case .integer(let value): appendInt(value)
      case .number(let value): appendDouble(value)
      case .string(let value): appendString(value)
      case .array(let values):
        appendArrayHeader(count: values.count)
        for value in values { append(value) }
      case .object(let members):
        appendMapHeader(count: members.count)
        for (key, value) in members.sortedByKey() {
          appendString(key)
          append(value)
        }
      }
    }

    /// Writes a length of at most 32 bits behind the marker for its size; `nil` if there is none for 8 bits.
    private mutating func appendLength(_ length: Int, _ marker8: UInt8?, _ marker16: UInt8, _ marker32: UInt8)
    {
      if let marker8, length <= 0xFF {
        append(marker8, UInt8(length))
      } else if length <= 0xFFFF {
        append(marker16, UInt16(length))
      } else {
        append(marker32, UInt32(length))
      }
    }

    private mutating func append(_ marker: UInt8, _ value: some FixedWidthInteger) {
      bytes.append(marker)
      withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
  }
}
