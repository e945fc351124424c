import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The answers of one event loop, by request target. Only that loop touches it, so nothing is locked.
///
/// Bounded: so many answers, so many bytes of bodies, so many open files. When they are used up, what was not asked for
/// since the last time goes.
final class AnswerTable {
  /// How much one loop keeps.
  struct Limits: Sendable {
    var answers = 60_000
    /// Of bodies in memory, targets and heads.
    var bytes = 32 << 20
    var files = 128
    var keys = 4096
  }

  private final class Entry {
    let target: [UInt8]
    let answer: FastAnswer?
    let redirect: FastRedirect?

    init(target: [UInt8], answer: FastAnswer?, redirect: FastRedirect?) {
      self.target = target
      self.answer = answer
      self.redirect = redirect
    }

    var bytes: Int {
      let overhead = target.count + 1024
      guard case .memory(let buffer)? = answer?.body else { return overhead }
      return overhead + buffer.readableBytes
    }

    var files: Int { if case .file? = answer?.body { 1 } else { 0 } }
  }

  private struct Generation {
    var entries: [Int: Entry] = [:]
    var bytes = 0
    var files = 0
  }

  private let limits: Limits
  /// What was asked for since the last turn, and what was before.
  private var young = Generation()
  private var old = Generation()
  private var keys: [[UInt8]: KnownKey] = [:]

  init(limits: Limits = Limits()) { self.limits = limits }

  /// The answer to a target, if it still stands.
  func answer(to target: UnsafeRawBufferPointer) -> FastAnswer? {
    guard let answer = entry(target)?.answer, answer.basis.stands else { return nil }
    return answer
  }

  /// The redirect for a target, if it still stands and its URL is fresh.
  func redirect(for target: UnsafeRawBufferPointer) -> FastRedirect? {
    guard let redirect = entry(target)?.redirect, redirect.basis.stands, redirect.end > .now() else {
      return nil
    }
    return redirect
  }

  func keep(_ answer: FastAnswer, for target: [UInt8]) {
    let known = target.withUnsafeBytes { entry($0) }
    insert(Entry(target: target, answer: answer, redirect: known?.redirect))
  }

  func keep(_ redirect: FastRedirect, for target: [UInt8]) {
    let known = target.withUnsafeBytes { entry($0) }
    insert(Entry(target: target, answer: known?.answer, redirect: redirect))
  }

  /// What is known of a key, by the SHA-256 of its secret.
  func key(hash: [UInt8], accessCount: Int) -> KnownKey? {
    guard let key = keys[hash], key.accessCount == accessCount else { return nil }
    return key
  }

  func keep(_ key: KnownKey, hash: [UInt8]) {
    var key = key
    if let known = keys[hash], known.accessCount == key.accessCount { key.channels.formUnion(known.channels) }
    if keys.count >= limits.keys { keys.removeAll(keepingCapacity: true) }
    keys[hash] = key
  }

  /// Lets go of what no longer stands, with its files and bytes.
  func sweep() {
    let entries = Array(old.entries.values) + Array(young.entries.values)
    old = Generation()
    young = Generation()
    for entry in entries {
      let answer = entry.answer.flatMap { $0.basis.stands ? $0 : nil }
      let redirect = entry.redirect.flatMap { $0.basis.stands && $0.end > .now() ? $0 : nil }
      if answer == nil, redirect == nil { continue }
      insert(Entry(target: entry.target, answer: answer, redirect: redirect))
    }
  }

  private func entry(_ target: UnsafeRawBufferPointer) -> Entry? {
    let hash = Self.hash(target)
    if let entry = young.entries[hash] { return Self.isSame(entry.target, target) ? entry : nil }
    guard let entry = old.entries[hash], Self.isSame(entry.target, target) else { return nil }
    insert(entry)
    return entry
  }

  private func insert(_ entry: Entry) {
    if young.entries.count >= limits.answers / 2 || young.bytes + entry.bytes > limits.bytes / 2
      || young.files + entry.files > limits.files / 2
    {
      old = young
      young = Generation()
    }
    let hash = entry.target.withUnsafeBytes { Self.hash($0) }
    if let former = young.entries.updateValue(entry, forKey: hash) {
      young.bytes -= former.bytes
      young.files -= former.files
    }
    young.bytes += entry.bytes
    young.files += entry.files
  }

  /// Seeded per process, so that nobody can choose targets that collide. Two that do take turns.
  private static func hash(_ target: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: target)
    return hasher.finalize()
  }

  private static func isSame(_ known: [UInt8], _ target: UnsafeRawBufferPointer) -> Bool {
    guard known.count == target.count, let bytes = target.baseAddress else { return false }
    return known.withUnsafeBytes { $0.baseAddress.map { memcmp($0, bytes, target.count) == 0 } ?? false }
  }
}
