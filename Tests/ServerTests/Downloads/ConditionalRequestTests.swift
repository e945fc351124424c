import Foundation
import HTTPTypes
import Server
import Testing

@Suite struct ConditionalRequestTests {
  typealias Outcome = ConditionalRequest.Outcome

  static let etag = "\"abc\""
  /// Sun, 22 Nov 2026 07:33:12 GMT and a bit: HTTP dates have no fractions.
  static let modified = Date(timeIntervalSince1970: 1_795_332_792.75)
  static let date = "Sun, 22 Nov 2026 07:33:12 GMT"
  static let earlier = "Sun, 22 Nov 2026 07:33:11 GMT"
  static let later = "Sun, 22 Nov 2026 07:33:13 GMT"

  private func outcome(_ headers: HTTPFields, size: Int64 = 100) -> Outcome {
    ConditionalRequest.evaluate(headers, etag: Self.etag, modifiedAt: Self.modified, size: size)
  }

  @Test func sendsEverythingWithoutConditions() {
    #expect(outcome([:]) == .full)
    #expect(outcome([:], size: 0) == .full)
  }

  @Test(arguments: [
    ("\"abc\"", true), ("\"x\", \"abc\"", true), ("\"x\",\"abc\",\"y\"", true), ("W/\"abc\"", true),
    ("\"x\", W/\"abc\"", true), ("abc", true), ("*", true), (" \"abc\" ", true),
    ("\"x\"", false), ("\"ABC\"", false), ("\"abcd\"", false), ("\"ab\"", false), ("\"\"", false),
    ("W/\"x\"", false), ("\"abc", false),
  ])
  func answersIfNoneMatchByWeakComparison(value: String, isMatch: Bool) {
    #expect(outcome([.ifNoneMatch: value]) == (isMatch ? .notModified : .full))
  }

  @Test(arguments: [
    ("\"abc\"", true), ("*", true), ("\"x\", \"abc\"", true), ("W/\"abc\"", false), ("\"x\"", false),
  ])
  func answersIfMatchByStrongComparison(value: String, isMatch: Bool) {
    #expect(outcome([.ifMatch: value]) == (isMatch ? .full : .preconditionFailed))
  }

  @Test(arguments: [
    (date, Outcome.notModified), (later, .notModified), (earlier, .full), ("yesterday", .full), ("", .full),
    ("2026-11-22T07:33:12Z", .full),
  ])
  func answersIfModifiedSinceInWholeSeconds(value: String, expected: Outcome) {
    #expect(outcome([.ifModifiedSince: value]) == expected)
  }

  @Test func ignoresIfModifiedSinceBesideIfNoneMatch() {
    #expect(outcome([.ifNoneMatch: "\"x\"", .ifModifiedSince: Self.later]) == .full)
    #expect(outcome([.ifNoneMatch: "\"abc\"", .ifModifiedSince: Self.earlier]) == .notModified)
  }

  @Test(arguments: [
    (date, Outcome.full), (later, .full), (earlier, .preconditionFailed), ("rubbish", .full),
  ])
  func answersIfUnmodifiedSince(value: String, expected: Outcome) {
    #expect(outcome([.ifUnmodifiedSince: value]) == expected)
  }

  @Test func ignoresIfUnmodifiedSinceBesideIfMatch() {
    #expect(outcome([.ifMatch: "\"abc\"", .ifUnmodifiedSince: Self.earlier]) == .full)
  }

  @Test func decidesIfMatchBeforeIfNoneMatch() {
    #expect(outcome([.ifMatch: "\"x\"", .ifNoneMatch: "\"abc\""]) == .preconditionFailed)
  }

  @Test func decidesIfNoneMatchBeforeTheRange() {
    #expect(outcome([.ifNoneMatch: "\"abc\"", .range: "bytes=0-1"]) == .notModified)
    #expect(outcome([.ifNoneMatch: "\"abc\"", .range: "bytes=500-"]) == .notModified)
  }

  @Test(arguments: [
    ("bytes=0-0", Outcome.partial(0..<1)), ("bytes=0-9", .partial(0..<10)),
    ("bytes=90-99", .partial(90..<100)),
    ("bytes=90-", .partial(90..<100)), ("bytes=0-", .partial(0..<100)), ("bytes=-1", .partial(99..<100)),
    ("bytes=-100", .partial(0..<100)), ("bytes=-5000", .partial(0..<100)),
    ("bytes=50-5000", .partial(50..<100)),
    ("bytes=0-9223372036854775807", .partial(0..<100)),
    ("bytes=0-99999999999999999999999", .partial(0..<100)), ("Bytes=1-2", .partial(1..<3)),
    ("bytes= 1-2", .partial(1..<3)),
    ("bytes=100-", .rangeNotSatisfiable), ("bytes=100-200", .rangeNotSatisfiable),
    ("bytes=-0", .rangeNotSatisfiable),
    ("bytes=99999999999999999999999-", .rangeNotSatisfiable),
    ("bytes=0-1,5-6", .full), ("bytes=0-1, -1", .full), ("bytes=9-1", .full), ("bytes=", .full),
    ("bytes=-", .full),
    ("bytes=a-b", .full), ("bytes=1", .full), ("lines=0-1", .full), ("0-1", .full), ("bytes=--1", .full),
    ("bytes=1--2", .full), ("bytes=+1-2", .full), ("bytes=0x1-2", .full), ("bytes=1-2-3", .full), ("", .full),
  ])
  func readsOneRangeAndIgnoresEverythingElse(value: String, expected: Outcome) {
    #expect(outcome([.range: value]) == expected)
  }

  @Test(arguments: [
    ("bytes=0-", Outcome.rangeNotSatisfiable), ("bytes=-5", .rangeNotSatisfiable),
    ("bytes=0-0", .rangeNotSatisfiable),
  ])
  func hasNoRangeOfAnEmptyFile(value: String, expected: Outcome) {
    #expect(outcome([.range: value], size: 0) == expected)
  }

  @Test(arguments: [
    (etag, true), (date, true), ("\"x\"", false), ("W/\"abc\"", false), (earlier, false), (later, false),
    ("abc", false),
  ])
  func sendsARangeOnlyOfTheRepresentationThatIfRangeNames(value: String, holds: Bool) {
    #expect(outcome([.range: "bytes=0-9", .ifRange: value]) == (holds ? .partial(0..<10) : .full))
    #expect(outcome([.range: "bytes=500-", .ifRange: value]) == (holds ? .rangeNotSatisfiable : .full))
  }

  @Test func ignoresIfRangeWithoutARange() {
    #expect(outcome([.ifRange: Self.etag]) == .full)
  }
}
