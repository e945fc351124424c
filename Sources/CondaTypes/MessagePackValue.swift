/// A decoded MessagePack value; maps keep their order, so that a test can see it.
public enum MessagePackValue: Hashable, Sendable {
  /// nil.
  case null
  /// A truth value.
  case bool(Bool)
  /// A whole number within 64 bits with sign.
  case integer(Int64)
  /// A whole number above that.
  case unsigned(UInt64)
  /// A number.
  case number(Double)
  /// Text.
  case string(String)
  /// Bytes.
  case binary([UInt8])
  /// Values in order.
  case array([MessagePackValue])
  /// Members in order; keys may repeat.
  case map([Member])
  /// Bytes with a type of the application.
  case `extension`(type: Int8, [UInt8])

  /// A key and its value.
  public struct Member: Hashable, Sendable {
    /// The key, mostly a string.
    public let key: MessagePackValue
    /// The value.
    public let value: MessagePackValue

    /// Pairs a key with a value.
    public init(key: MessagePackValue, value: MessagePackValue) {
      self.key = key
      self.value = value
    }
  }

  /// The first value under a text key; `nil` if there is none or this is not a map.
  public subscript(key: String) -> MessagePackValue? {
    guard case .map(let members) = self else { return nil }
    return members.first { $0.key == .string(key) }?.value
  }

  /// The text keys in order, if this is a map.
  public var keys: [String]? {
    guard case .map(let members) = self else { return nil }
    return members.compactMap { if case .string(let key) = $0.key { key } else { nil } }
  }
}
