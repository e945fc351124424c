/// Why a store could not do what it was asked.
///
/// Callers branch on ``kind``, never on text. `description` is deliberately vague, so that paths and bucket
/// names do not leak by interpolation; `debugDescription` says everything and belongs in the log.
public struct BlobStoreError: Error, Sendable {
  /// The closed set of things that can go wrong.
  public enum Kind: Hashable, Sendable {
    /// No blob has this key.
    case notFound
    /// The range wanted is empty or starts at or past the end of the blob, which is `size` bytes long.
    case rangeNotSatisfiable(size: Int64)
    /// The text is no blob key, or the backend cannot hold a key like it.
    case invalidKey
    /// The bytes given are not those announced: their SHA-256 or their number differs. Nothing was stored.
    case digestMismatch
    /// The disk, the quota or the account is full. Nothing was stored.
    case outOfSpace
    /// The backend refuses this process: file permissions, a read-only file system, wrong credentials.
    case permissionDenied
    /// The backend cannot be reached or is overloaded; the same call may succeed later.
    case unavailable
    /// The backend holds the blob but can no longer give back its bytes.
    case damaged
    /// Anything else; ``BlobStoreError/underlying`` has the cause.
    case unexpected
  }

  /// What went wrong, for code.
  public let kind: Kind
  /// The blob it is about, if it is about one.
  public let key: BlobKey?
  /// What went wrong, for the operator: what was found, what was expected. May hold paths; never secrets.
  public let message: String
  /// The error below this one, if there was one.
  public let underlying: (any Error)?
  /// How long the backend asks to be left alone (`Retry-After`); `nil` if it did not say.
  public let retryAfter: Duration?

  /// Makes an error of `kind`; `message` says what was found and what was expected.
  public init(
    _ kind: Kind, key: BlobKey? = nil, message: String, underlying: (any Error)? = nil,
    retryAfter: Duration? = nil
  ) {
    self.kind = kind
    self.retryAfter = retryAfter
    self.key = key
    self.message = message
    self.underlying = underlying
  }

  /// Whether the same call, made again later, may succeed without anybody repairing something.
  public var isRetryable: Bool { kind == .unavailable }
}

extension BlobStoreError: CustomStringConvertible, CustomDebugStringConvertible {
  /// The kind in words, without key, path or cause.
  public var description: String {
    switch kind {
    case .notFound: "blob not found"
    case .rangeNotSatisfiable: "range not satisfiable"
    case .invalidKey: "invalid blob key"
    case .digestMismatch: "blob bytes differ from the announced digest or size"
    case .outOfSpace: "blob store out of space"
    case .permissionDenied: "blob store refused access"
    case .unavailable: "blob store unavailable"
    case .damaged: "blob damaged"
    case .unexpected: "unexpected blob store failure"
    }
  }

  /// Everything that is known, for the log.
  public var debugDescription: String {
    var text = "BlobStoreError(\(kind)"
    if let key { text += ", key: \(key)" }
    text += ": \(message)"
    if let underlying { text += "; underlying: \(String(reflecting: underlying))" }
    return text + ")"
  }
}
