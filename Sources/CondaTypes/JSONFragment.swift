/// Reads single members of a stored JSON object without reading the rest of it: a record has thirty members, and those
/// who look for its dependencies want one.
public enum JSONFragment {
  /// The members with these keys; those that are not there are left out.
  ///
  /// - Parameters:
  ///   - keys: At the object's own level; without characters that JSON escapes.
  ///   - object: Canonical JSON text of an object, as `JSONValue.appendCanonical` made it. Of anything else the answer is
  ///     what was understood up to there.
  public static func members(_ keys: [String], of object: UnsafeRawBufferPointer) -> [String: JSONValue] {
    var found: [String: JSONValue] = [:]
    var position = 1
    while position < object.count, object[position] == UInt8(ascii: "\"") {
      let keyStart = position + 1
      position = endOfString(object, from: position)
      let keyBytes = object[keyStart..<max(keyStart, position - 1)]
      let valueStart = position + 1
      position = endOfValue(object, from: valueStart)
      guard position <= object.count, valueStart < position else { break }
      if let key = keys.first(where: { keyBytes.elementsEqual($0.utf8) }) {
        found[key] = try? JSONValue(parsing: object[valueStart..<position])
        if found.count == keys.count { break }
      }
      position += 1
    }
    return found
  }

  /// Where a string that begins at `start` ends: behind its closing quote.
  private static func endOfString(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start + 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\\"): position += 2
      case UInt8(ascii: "\""): return position + 1
      default: position += 1
      }
    }
    return bytes.count
  }

  /// Where a value that begins at `start` ends: at the comma or brace behind it.
  private static func endOfValue(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
    var position = start
    var depth = 0
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position = endOfString(bytes, from: position)
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return position }
        depth -= 1
      case UInt8(ascii: ",") where depth == 0: return position
      default: break
      }
      position += 1
    }
    return bytes.count
  }
}
