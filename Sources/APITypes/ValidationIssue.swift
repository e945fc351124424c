public import CondaTypes

/// One problem of a request's parameters or body, in the form upstream's clients know (Pydantic 2).
///
/// `{"type","loc","msg","input"[,"ctx"]}`; a 422 carries an array of them as `detail`.
public struct ValidationIssue: Sendable, Hashable {
  /// What kind of problem, e.g. `missing`, `int_parsing`, `string_pattern_mismatch`.
  public var type: String
  /// Where: `query`, `path`, `header` or `body`, then keys and indexes.
  public var location: [JSONValue]
  /// The problem in words, e.g. `Field required`.
  public var message: String
  /// What was found.
  public var input: JSONValue
  /// The limits or values that the message is about.
  public var context: [String: JSONValue]

  /// Makes an issue from its parts; `location` is given as plain keys.
  public init(
    type: String, location: [JSONValue], message: String, input: JSONValue = .null,
    context: [String: JSONValue] = [:]
  ) {
    self.type = type
    self.location = location
    self.message = message
    self.input = input
    self.context = context
  }

  /// The issue as it is sent.
  public var json: JSONValue {
    var object: [String: JSONValue] = [
      "type": .string(type), "loc": .array(location), "msg": .string(message), "input": input,
    ]
    if !context.isEmpty { object["ctx"] = .object(context) }
    return .object(object)
  }
}
