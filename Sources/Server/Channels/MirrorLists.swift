import APITypes
import CondaTypes

/// What a channel that follows another one takes from it: upstream's channel `metadata`, three lists of names.
struct MirrorLists: Hashable {
  static let keys = ["includelist", "excludelist", "proxylist"]

  /// Each list that is given; `nil` for one that is given as `null`.
  private(set) var lists: [String: [String]?] = [:]

  /// The `metadata` of a request's body; absent or `null` says nothing.
  init(reading body: inout JSONBody) {
    guard let value = body["metadata"], value != .null else { return }
    guard let object = value.asObject else {
      body.note(
        "model_attributes_type", "metadata",
        "Input should be a valid dictionary or object to extract fields from")
      return
    }
    for key in Self.keys {
      guard let list = object[key] else { continue }
      let names = list.asArray?.compactMap(\.asString)
      if list != .null, names == nil || names?.count != list.asArray?.count {
        body.note("list_type", "metadata", "\(key): Input should be a valid list of strings")
      }
      lists[key] = .some(names)
    }
  }

  /// The `metadata` of a channel's row.
  init(stored text: String?) {
    let object = text.flatMap { try? JSONValue(parsing: Array($0.utf8)) }?.asObject ?? [:]
    for key in Self.keys {
      if let list = object[key] { lists[key] = .some(list.asArray?.compactMap(\.asString)) }
    }
  }

  /// As it lies in the channel's row; `nil` if there is nothing to say.
  var stored: String? {
    let values = lists.compactMapValues { $0 }
    if values.isEmpty { return nil }
    return JSONValue.object(values.mapValues { .array($0.map(JSONValue.string)) }).canonicalText()
  }

  /// - Throws: 422 if it says both what to take and what to leave.
  func requireAgreement() throws {
    if let include = lists["includelist"], include != nil, let exclude = lists["excludelist"], exclude != nil
    {
      throw APIError(.contradictingLists, "Cannot use both `includelist` and `excludelist` together.")
    }
  }

  /// These lists, with those that a later one gives in their place.
  func merged(with later: MirrorLists) -> MirrorLists {
    var merged = self
    merged.lists.merge(later.lists) { _, new in new }
    return merged
  }
}
