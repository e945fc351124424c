import CondaTypes
import Foundation
import HTTPTypes

extension Answer {
  /// The body as JSON; `nil` if it is none.
  var json: JSONValue? { try? JSONValue(parsing: body) }

  /// What `{"detail": …}` holds.
  var detail: JSONValue? { json?["detail"] }

  /// The `msg` of every validation issue.
  var messages: [String] { (detail?.asArray ?? []).compactMap { $0["msg"]?.asString } }

  /// All header fields but those that differ from answer to answer.
  var steadyHeaders: [String: String] {
    var result: [String: String] = [:]
    for field in headers where !["date", "x-request-id"].contains(field.name.canonicalName) {
      result[field.name.canonicalName, default: ""] += field.value
    }
    return result
  }
}

extension JSONValue {
  /// The keys of an object, for "exactly these fields" assertions.
  var keys: Set<String> { Set((asObject ?? [:]).keys) }
}
