/// The moment a request is signed for, in the two forms that Signature V4 writes it in (UTC, no fractions).
public struct SigningDate: Hashable, Sendable {
  /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
  public let secondsSince1970: Int64
  /// The moment to the second, e.g. `20150830T123600Z`: the value of `X-Amz-Date`.
  public let timestamp: String

  /// The day alone, e.g. `20150830`: the first part of a ``SigningScope``.
  public var day: String { String(timestamp.prefix(8)) }

  /// The moment `secondsSince1970`; meant for the years 0 to 9999, the only ones the format can write.
  public init(secondsSince1970: Int64) {
    self.secondsSince1970 = secondsSince1970
    let (days, second) = secondsSince1970.flooredDivision(by: 86_400)
    let (year, month, day) = Self.civilDate(daysSince1970: days)
    timestamp =
      year.padded(to: 4) + month.padded(to: 2) + day.padded(to: 2) + "T" + (second / 3600).padded(to: 2)
      + (second / 60 % 60).padded(to: 2) + (second % 60).padded(to: 2) + "Z"
  }

  /// The Gregorian date of a day number.
  ///
  /// Counts in years that begin on 1 March, so that the leap day is a year's last and every five months from
  /// March on have 153 days; 400 years have 146,097 days, and 1970-01-01 is day 719,468 after 0000-03-01.
  private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (daysSince1970 + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Int64 {
  /// Quotient rounded down and the remainder, which is never negative.
  fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }

  /// Decimal text with zeros in front, at least `width` digits.
  fileprivate func padded(to width: Int) -> String {
    let digits = String(self)
    return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
