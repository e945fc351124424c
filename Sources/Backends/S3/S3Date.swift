import Foundation

/// The two forms in which S3 writes moments. Both are kept to the whole second, the finest that heads and
/// listings agree on.
enum S3Date {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// A listing's `2026-11-26T11:22:33.000Z`; `nil` for anything else.
  static func parse(listed text: String) -> Date? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[4] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T") else { return nil }
    guard let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19])
    else { return nil }
    return date(year, month, day, hour, minute, second)
  }

  /// A header's `Thu, 26 Nov 2026 11:22:33 GMT` (RFC 9110 §5.6.7, the form to be sent); `nil` for anything
  /// else.
  static func parse(header text: String) -> Date? {
    let parts = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: ":") }
    guard parts.count == 8, let month = months.firstIndex(of: String(Substring(parts[2]))),
      let day = number(parts[1]), let year = number(parts[3]), let hour = number(parts[4]),
      let minute = number(parts[5]), let second = number(parts[6])
    else { return nil }
    return date(year, month + 1, day, hour, minute, second)
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  private static func date(
    _ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int, _ second: Int
  ) -> Date? {
    guard (1...12).contains(month), (1...31).contains(day), (1...9999).contains(year) else { return nil }
    // Years that begin in March, as in `SigningDate`, the other way round.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    return Date(timeIntervalSince1970: Double(days * 86_400 + hour * 3600 + minute * 60 + second))
  }
}
