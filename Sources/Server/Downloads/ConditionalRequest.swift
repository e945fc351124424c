package import Foundation
package import HTTPTypes

/// Preconditions and ranges of a GET or HEAD (RFC 9110 §13, §14), decided purely from headers and the file's facts.
///
/// Order: If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since (only without If-None-Match), If-Range, Range.
package enum ConditionalRequest {
  package enum Outcome: Hashable, Sendable {
    case full
    /// Half-open and 0-based, never empty.
    case partial(Range<Int64>)
    case notModified
    case preconditionFailed
    case rangeNotSatisfiable
  }

  /// - Parameters:
  ///   - etag: The current strong tag, quoted.
  ///   - modifiedAt: Compared in whole seconds, as HTTP dates are.
  ///   - size: Of the whole representation, in bytes.
  package static func evaluate(
    _ headers: HTTPFields, etag: String, modifiedAt: Date, size: Int64
  ) -> Outcome {
    let modified = modifiedAt.timeIntervalSince1970.rounded(.down)
    if let tags = headers[.ifMatch] {
      if !matches(tags, etag, isWeak: false) { return .preconditionFailed }
    } else if let date = headers[.ifUnmodifiedSince].flatMap(Timestamp.parseHTTP),
      modified > date.timeIntervalSince1970
    {
      return .preconditionFailed
    }
    if let tags = headers[.ifNoneMatch] {
      if matches(tags, etag, isWeak: true) { return .notModified }
    } else if let date = headers[.ifModifiedSince].flatMap(Timestamp.parseHTTP),
      modified <= date.timeIntervalSince1970
    {
      return .notModified
    }
    guard let range = headers[.range], ifRangeHolds(headers, etag, modified) else { return .full }
    return evaluate(range: range, size: size)
  }

  /// `If-Range` names the representation the client has a part of; if it changed, the whole is sent.
  private static func ifRangeHolds(_ headers: HTTPFields, _ etag: String, _ modified: TimeInterval) -> Bool {
    guard let value = headers[.ifRange] else { return true }
    if let date = Timestamp.parseHTTP(value) { return date.timeIntervalSince1970 == modified }
    return value.trimming(while: \.isWhitespace) == etag
  }

  /// Whether a list of tags holds `etag`; `*` is any. Old caches send the tag without its quotes: accepted.
  private static func matches(_ list: String, _ etag: String, isWeak: Bool) -> Bool {
    list.split(separator: ",").contains { item in
      var tag = item.trimming(while: \.isWhitespace)
      if tag == "*" { return true }
      if tag.hasPrefix("W/") {
        guard isWeak else { return false }
        tag = tag.dropFirst(2)
      }
      return tag == etag || tag == etag.dropFirst().dropLast()
    }
  }

  /// One range is answered; several, or anything malformed, get the whole (a server may ignore Range).
  private static func evaluate(range header: String, size: Int64) -> Outcome {
    let parts = header.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, parts[0].trimming(while: \.isWhitespace).lowercased() == "bytes" else {
      return .full
    }
    let bounds = parts[1].trimming(while: \.isWhitespace)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2, !bounds.contains(where: { $0.contains(",") }) else { return .full }
    let (first, last) = (number(bounds[0]), number(bounds[1]))
    switch (bounds[0].isEmpty, first, bounds[1].isEmpty, last) {
    case (true, _, false, let suffix?):
      guard suffix > 0, size > 0 else { return .rangeNotSatisfiable }
      return .partial(max(0, size - suffix)..<size)
    case (false, let start?, true, _):
      return start < size ? .partial(start..<size) : .rangeNotSatisfiable
    case (false, let start?, false, let end?):
      guard start <= end else { return .full }
      return start < size ? .partial(start..<(min(size - 1, end) + 1)) : .rangeNotSatisfiable
    default:
      return .full
    }
  }

  /// Digits only; more than an `Int64` holds counts as its largest value.
  private static func number(_ text: Substring) -> Int64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(text) ?? Int64.max - 1
  }
}
