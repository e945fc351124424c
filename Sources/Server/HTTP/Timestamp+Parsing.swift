package import Foundation

extension Timestamp {
  /// A point in time as clients write it: ISO 8601, `T` or a space between day and time, seconds and fractions optional,
  /// `Z` or an offset; a day alone; or Unix time. Without a zone it is UTC; an offset is converted.
  package static func parse(_ text: String) -> Date? {
    if text.utf8.allSatisfy({ isNumberByte($0) }), let number = Double(text) { return parse(number) }
    guard let separator = text.firstIndex(where: { $0 == "T" || $0 == "t" || $0 == " " }) else {
      return parseDay(text)
    }
    guard let day = parseDay(String(text[..<separator])) else { return nil }
    var time = text[text.index(after: separator)...]
    guard let offset = takeOffset(&time) else { return nil }
    let parts = time.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let hour = number(parts[0], below: 24),
      let minute = number(parts[1], below: 60)
    else { return nil }
    var seconds = 0.0
    if parts.count == 3 {
      let fields = parts[2].split(separator: ".", omittingEmptySubsequences: false)
      guard fields.count <= 2, let whole = number(fields[0], below: 61) else { return nil }
      seconds = Double(whole)
      if fields.count == 2 {
        guard isDigits(fields[1]), let fraction = Double("0.\(fields[1])") else { return nil }
        seconds += fraction
      }
    }
    return day.addingTimeInterval(Double(hour * 3600 + minute * 60) + seconds - Double(offset))
  }

  /// Unix time in seconds or, as pydantic has it, in milliseconds where the number is large.
  package static func parse(_ number: Double) -> Date? {
    guard unixTimes.contains(number) else { return nil }
    return Date(timeIntervalSince1970: abs(number) > 2e10 ? number / 1000 : number)
  }

  /// What a number may be: the years 1 to 9999 in milliseconds.
  static let unixTimes = -62_135_596_800_000.0...253_402_300_799_999.0

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
  }

  /// Takes `Z` or `±hh:mm` off the end, in seconds east of UTC; 0 if there is none.
  private static func takeOffset(_ time: inout Substring) -> Int? {
    if time.hasSuffix("Z") || time.hasSuffix("z") {
      time = time.dropLast()
      return 0
    }
    guard let sign = time.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return 0 }
    let digits = time[time.index(after: sign)...].filter { $0 != ":" }
    guard isDigits(digits), digits.count == 2 || digits.count == 4, let hours = Int(digits.prefix(2)),
      let minutes = Int(digits.dropFirst(2).isEmpty ? "0" : digits.dropFirst(2)), hours < 24, minutes < 60
    else { return nil }
    let isNegative = time[sign] == "-"
    time = time[..<sign]
    return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
  }

  private static func number(_ text: Substring, below limit: Int) -> Int? {
    guard text.count == 2, isDigits(text), let value = Int(text), value < limit else { return nil }
    return value
  }

  private static func isDigits(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
