package import Foundation

/// Dates as upstream writes them: UTC, ISO 8601 without a zone; and HTTP dates (RFC 9110 §5.6.7).
package enum Timestamp {
  /// `2026-11-22T07:33:12`, with microseconds only where there are any.
  package static func naive(_ date: Date) -> String {
    let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    let moment = CivilMoment(secondsSince1970: milliseconds.flooredDivision(by: 1000))
    let fraction = milliseconds - milliseconds.flooredDivision(by: 1000) * 1000
    let base = "\(moment.date)T\(moment.time)"
    return fraction == 0 ? base : base + "." + pad(fraction, 3) + "000"
  }

  /// `2026-11-22T07:33:12Z` (RFC 3339).
  package static func rfc3339(_ date: Date) -> String {
    let moment = CivilMoment(secondsSince1970: Int64(date.timeIntervalSince1970.rounded(.down)))
    return "\(moment.date)T\(moment.time)Z"
  }

  /// `2026-11-22`.
  package static func day(_ date: Date) -> String {
    CivilMoment(secondsSince1970: Int64(date.timeIntervalSince1970.rounded(.down))).date
  }

  /// Midnight UTC of `YYYY-MM-DD` (a datetime at exactly midnight is accepted as well).
  package static func parseDay(_ text: String) -> Date? {
    var day = Substring(text)
    if let separator = day.firstIndex(where: { $0 == "T" || $0 == " " }) {
      let time = day[day.index(after: separator)...].filter { $0 != ":" && $0 != "." && $0 != "Z" }
      guard !time.isEmpty, time.allSatisfy({ $0 == "0" }) else { return nil }
      day = day[..<separator]
    }
    let parts = day.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.joined().utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
      let year = Int64(parts[0]), let month = Int64(parts[1]), let dayOfMonth = Int64(parts[2]),
      let moment = CivilMoment(year: year, month: month, day: dayOfMonth)
    else { return nil }
    return Date(timeIntervalSince1970: TimeInterval(moment.secondsSince1970))
  }

  /// `Sun, 22 Nov 2026 07:33:12 GMT`.
  package static func http(_ date: Date) -> String {
    let moment = CivilMoment(secondsSince1970: Int64(date.timeIntervalSince1970.rounded(.down)))
    let weekday = weekdays[Int((moment.days % 7 + 11) % 7)]
    return
      "\(weekday), \(pad(moment.day, 2)) \(months[Int(moment.month - 1)]) \(moment.year) \(moment.time) GMT"
  }

  /// Parses the preferred form of an HTTP date; anything else is `nil`, which callers treat as absent.
  package static func parseHTTP(_ text: String) -> Date? {
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[5] == "GMT", let day = Int64(parts[1]), let year = Int64(parts[3]),
      let month = months.firstIndex(of: String(parts[2])),
      let moment = CivilMoment(year: year, month: Int64(month + 1), day: day)
    else { return nil }
    let time = parts[4].split(separator: ":").compactMap { Int64($0) }
    // Hour, minute and second in range: absurd ones would overflow below.
    guard time.count == 3, (0...23).contains(time[0]), (0...59).contains(time[1]), (0...60).contains(time[2])
    else { return nil }
    return Date(
      timeIntervalSince1970: TimeInterval(moment.secondsSince1970 + time[0] * 3600 + time[1] * 60 + time[2]))
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  fileprivate static func pad(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// A moment of the Gregorian calendar in UTC, by arithmetic: formatters cost more than the answers they are in.
private struct CivilMoment {
  let secondsSince1970: Int64
  let days: Int64
  let year: Int64
  let month: Int64
  let day: Int64

  init(secondsSince1970 seconds: Int64) {
    secondsSince1970 = seconds
    days = seconds.flooredDivision(by: 86_400)
    // Days are counted in 400-year eras that begin on 1 March, so that leap days come last.
    let shifted = days + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  init?(year: Int64, month: Int64, day: Int64) {
    guard (1...12).contains(month), (1...31).contains(day), (0...9999).contains(year) else { return nil }
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = shiftedYear.flooredDivision(by: 400)
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(secondsSince1970: (era * 146_097 + dayOfEra - 719_468) * 86_400)
    guard self.day == day, self.month == month else { return nil }
  }

  var date: String { "\(Timestamp.pad(year, 4))-\(Timestamp.pad(month, 2))-\(Timestamp.pad(day, 2))" }

  var time: String {
    let second = secondsSince1970 - days * 86_400
    return [second / 3600, second / 60 % 60, second % 60].map { Timestamp.pad($0, 2) }.joined(separator: ":")
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
