import Foundation
import Server
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0, "1970-01-01T00:00:00"), (1_795_332_792, "2026-11-22T07:33:12"), (-1, "1969-12-31T23:59:59"),
    (951_782_399, "2000-02-28T23:59:59"), (951_782_400, "2000-02-29T00:00:00"),
    (951_868_800, "2000-03-01T00:00:00"),
    (4_107_542_400, "2100-03-01T00:00:00"), (1_709_164_800, "2024-02-29T00:00:00"),
    (253_402_300_799, "9999-12-31T23:59:59"), (-62_135_596_800, "0001-01-01T00:00:00"),
  ])
  func writesUTCWithoutAZone(seconds: Double, expected: String) {
    #expect(Timestamp.naive(Date(timeIntervalSince1970: seconds)) == expected)
    #expect(Timestamp.rfc3339(Date(timeIntervalSince1970: seconds)) == expected + "Z")
    #expect(Timestamp.day(Date(timeIntervalSince1970: seconds)) == String(expected.prefix(10)))
  }

  @Test(arguments: [
    (1.5, "1970-01-01T00:00:01.500000"), (1.001, "1970-01-01T00:00:01.001000"),
    (-0.001, "1969-12-31T23:59:59.999000"),
    (1.9996, "1970-01-01T00:00:02"),
  ])
  func writesMicrosecondsOnlyWhereThereAreAny(seconds: Double, expected: String) {
    #expect(Timestamp.naive(Date(timeIntervalSince1970: seconds)) == expected)
  }

  @Test(arguments: [
    (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
    (1_795_332_792, "Sun, 22 Nov 2026 07:33:12 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
    (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (-86_400, "Wed, 31 Dec 1969 00:00:00 GMT"),
  ])
  func writesHTTPDatesThatItReadsBack(seconds: Double, expected: String) {
    let date = Date(timeIntervalSince1970: seconds)
    #expect(Timestamp.http(date) == expected)
    #expect(Timestamp.parseHTTP(expected) == date)
    #expect(Timestamp.http(date.addingTimeInterval(0.999)) == expected)
  }

  @Test func agreesWithTheCalendarOnEveryDayOfFourCenturies() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    for day in stride(from: 0, to: 146_097, by: 13) {
      let date = Date(timeIntervalSince1970: Double(day - 36_525) * 86_400 + 3661)
      let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
      let (year, month) = (try #require(parts.year), try #require(parts.month))
      let text = String(format: "%04d-%02d-%02d", year, month, try #require(parts.day))
      #expect(Timestamp.day(date) == text)
      #expect(Timestamp.http(date).hasPrefix(names[try #require(parts.weekday) - 1]))
      #expect(Timestamp.parseDay(text) == date.addingTimeInterval(-3661))
    }
  }

  @Test(arguments: [
    "", "yesterday", "Sun, 22 Nov 2026 07:33:12", "Sun, 22 Nov 2026 07:33:12 CET",
    "Sun, 22 Nvm 2026 07:33:12 GMT",
    "Sun, 32 Nov 2026 07:33:12 GMT", "Sun, 31 Feb 2026 07:33:12 GMT", "Sun, 22 Nov 2026 07:33 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 22 Nov 99999 07:33:12 GMT",
    "Sun, 22 Nov 2026 99:99:99 GMT", "Sun, 22 Nov 2026 -1:33:12 GMT",
    "Sun, 22 Nov 2026 9223372036854775807:0:0 GMT",
  ])
  func treatsOtherTextAsNoHTTPDate(text: String) {
    #expect(Timestamp.parseHTTP(text) == nil)
  }

  @Test(arguments: [
    ("2026-11-22", 1_795_305_600.0), ("1970-01-01", 0), ("2024-02-29", 1_709_164_800),
    ("2026-11-22T00:00:00", 1_795_305_600), ("2026-11-22 00:00:00", 1_795_305_600),
    ("2026-11-22T00:00:00.000000Z", 1_795_305_600),
  ])
  func readsADay(text: String, seconds: Double) {
    #expect(Timestamp.parseDay(text) == Date(timeIntervalSince1970: seconds))
  }

  @Test(arguments: [
    "", "2026", "2026-11", "2026-13-01", "2026-00-10", "2026-02-29", "2026-11-31", "2026-11-00", "26-11-22",
    "2026-1-2",
    "2026-11-22T07:33:12", "2026-11-22T", "2026/11/22", "-2026-11-22", "+026-11-22", "2026-+1-22",
    "2026-11-22-01",
    "tomorrow", "２０２６-11-22",
  ])
  func refusesWhatIsNoDay(text: String) {
    #expect(Timestamp.parseDay(text) == nil)
  }
}
