package import Foundation
import HTTPTypes
import Locks
package import Metadata
package import NIOCore

/// Answers of the read path that need no router, no task and no database: from the event loop, from memory.
///
/// ```
/// bytes of a connection ─ FastPathHandler ─┬─ known answer ───────────────→ bytes
///                                          └─ anything else → HTTP parser → router → DownloadController
///                                                                                     │ offers what it sent
///                                             AnswerTable of the connection's loop ←──┘
/// ```
/// The router decides everything first: who may read, what a path means, what the headers say. What it decided is offered
/// here, with the stamps of what it was decided from (`ChangeStamps`, `MetadataStore.accessCount`), and given again
/// only while those stand: a revoked key, a deleted package or a channel made private ends its answers at once.
package final class FastPath: Sendable {
  /// What to send for a request.
  enum Reply {
    case whole(ByteBuffer)
    /// A head, and a body that follows it in pieces.
    case pieces(ByteBuffer, FastAnswer.Body)
  }

  package let changes: ChangeStamps
  private let metadata: MetadataStore
  private let keyUsage: KeyUsage
  private let redirectPolicy: RedirectPolicy?
  private let crossOrigin: CrossOrigin?
  private let now: @Sendable () -> Date
  private let limits: AnswerTable.Limits
  private let loops = Guarded<[ObjectIdentifier: NIOLoopBound<LoopState>]>([:])

  package init(
    changes: ChangeStamps, metadata: MetadataStore, keyUsage: KeyUsage, redirectPolicy: RedirectPolicy?,
    crossOrigin: CrossOrigin?, now: @escaping @Sendable () -> Date
  ) {
    self.changes = changes
    self.metadata = metadata
    self.keyUsage = keyUsage
    self.redirectPolicy = redirectPolicy
    self.crossOrigin = crossOrigin
    self.now = now
    limits = AnswerTable.Limits()
  }

  /// The state of the loop that this runs on.
  func state(of loop: any EventLoop) -> LoopState {
    loop.preconditionInEventLoop()
    return loops.withLock { loops in
      if let known = loops[ObjectIdentifier(loop)] { return known }
      let new = NIOLoopBound(LoopState(limits: limits), eventLoop: loop)
      loops[ObjectIdentifier(loop)] = new
      return new
    }.value
  }

  /// How many requests were answered here since the start.
  package func answeredCount() async throws -> Int {
    let all = loops.withLock { Array($0.values) }
    var count = 0
    for loop in all { count += try await loop.eventLoop.submit { loop.value.answered }.get() }
    return count
  }

  // MARK: - What the router offers

  /// The headers of an answer to requests that come from no page.
  func headers(_ headers: HTTPFields) -> HTTPFields {
    var headers = headers
    if let crossOrigin { headers.append(contentsOf: crossOrigin.fields(for: nil)) }
    return headers
  }

  package func offer(_ answer: FastAnswer, for target: String, on loop: any EventLoop) {
    loop.execute { self.state(of: loop).table.keep(answer, for: Array(target.utf8)) }
  }

  package func offer(_ redirect: FastRedirect, for target: String, on loop: any EventLoop) {
    loop.execute { self.state(of: loop).table.keep(redirect, for: Array(target.utf8)) }
  }

  package func offer(_ key: KnownKey, hash: [UInt8], on loop: any EventLoop) {
    loop.execute { self.state(of: loop).table.keep(key, hash: hash) }
  }

  // MARK: - What a request gets

  /// The answer to a request from memory; `nil` sends it to the router.
  func reply(to request: ScannedRequest, in bytes: UnsafeRawBufferPointer, _ state: LoopState) -> Reply? {
    if request.needsRouter || request.hasDate && request.etags == nil { return nil }
    // With [cors] the answer depends on the page that asks.
    if request.hasOrigin && crossOrigin != nil { return nil }
    guard let (target, token) = Self.splitToken(bytes, request.target) else { return nil }
    let path = UnsafeRawBufferPointer(rebasing: bytes[target])
    let credentials = FastCredentials(request, token: token, in: bytes)
    let redirects = redirects(request, credentials)
    if redirects, let redirect = state.table.redirect(for: path) {
      guard request.etags == nil, mayRead(redirect.basis, credentials, state) else { return nil }
      return .whole(send(redirect, closes: request.closes, state))
    }
    guard let answer = state.table.answer(to: path), !(redirects && answer.isArtifact),
      let isKnown = Self.compare(answer, request, in: bytes), mayRead(answer.basis, credentials, state)
    else { return nil }
    return send(answer, isNotModified: isKnown, request, state)
  }

  /// The target without a leading `/t/<key>/`, and the key; `nil` for keys of a form that only the router reads.
  private static func splitToken(
    _ bytes: UnsafeRawBufferPointer, _ target: Range<Int>
  ) -> (target: Range<Int>, token: Range<Int>?)? {
    let start = target.lowerBound
    guard target.count > 3, bytes[start + 1] == UInt8(ascii: "t"), bytes[start + 2] == UInt8(ascii: "/")
    else {
      return (target, nil)
    }
    var end = start + 3
    while end < target.upperBound, PathToken.isKeyByte(bytes[end]) { end += 1 }
    guard end > start + 3, end < target.upperBound, bytes[end] == UInt8(ascii: "/") else { return nil }
    return (end..<target.upperBound, (start + 3)..<end)
  }

  private func redirects(_ request: ScannedRequest, _ credentials: FastCredentials) -> Bool {
    guard let redirectPolicy, !request.isHead else { return false }
    return redirectPolicy.redirects(
      RedirectPolicy.Facts(
        method: .get, isArtifact: true, isWhole: true, carriesAPIKeyHeader: request.apiKey != nil,
        carriesPathToken: credentials.carriesPathToken))
  }

  /// Whether the client's copy is the current one; `nil` where the router has to look closer.
  private static func compare(
    _ answer: FastAnswer, _ request: ScannedRequest, in bytes: UnsafeRawBufferPointer
  ) -> Bool? {
    guard let etags = request.etags, !answer.etag.isEmpty else { return false }
    var value = bytes[etags]
    if value.starts(with: "W/".utf8) { value = value.dropFirst(2) }
    if value.elementsEqual(answer.etag) { return true }
    // Lists, `*`, and tags that lost their quotes.
    let isOneTag =
      value.first == UInt8(ascii: "\"") && value.last == UInt8(ascii: "\"")
      && value.dropFirst().dropLast().allSatisfy { $0 != UInt8(ascii: "\"") }
    return isOneTag ? false : nil
  }

  /// Whether the request may have the answer as far as memory knows; if it does not know, the router does.
  ///
  /// A key is looked up for public answers as well: that it was used is noted.
  private func mayRead(_ basis: FastAnswer.Basis, _ credentials: FastCredentials, _ state: LoopState) -> Bool
  {
    switch credentials.key {
    case .none: return !basis.isPrivate
    case .unreadable: return false
    case .secret(let secret):
      guard let hash = try? APIKeySecret(text: secret).hash(),
        let key = state.table.key(hash: hash, accessCount: metadata.accessCount),
        !basis.isPrivate || key.channels.contains(basis.channelID)
      else { return false }
      let now = now()
      if let end = key.end, now >= end { return false }
      keyUsage.note(key.id, at: now)
      return true
    }
  }

  private func send(_ redirect: FastRedirect, closes: Bool, _ state: LoopState) -> ByteBuffer {
    state.answered += 1
    redirect.meters.downloads?.add()
    redirect.meters.get.record(status: 307, duration: .zero)
    var head = redirect.head
    state.finish(&head, closes: closes)
    return head
  }

  private func send(
    _ answer: FastAnswer, isNotModified: Bool, _ request: ScannedRequest, _ state: LoopState
  ) -> Reply {
    state.answered += 1
    let meter = request.isHead ? answer.meters.head : answer.meters.get
    meter.record(status: isNotModified ? 304 : answer.status, duration: .zero)
    let start = isNotModified ? answer.notModifiedHead : answer.head
    let hasBody = !isNotModified && !request.isHead
    if hasBody { answer.meters.downloads?.add() }
    let short = hasBody ? answer.body.short : nil
    var out = ByteBufferAllocator().buffer(
      capacity: start.readableBytes + 160 + (short?.readableBytes ?? 0))
    out.writeImmutableBuffer(start)
    state.finish(&out, closes: request.closes)
    if let short {
      out.writeImmutableBuffer(short)
    } else if hasBody {
      return .pieces(out, answer.body)
    }
    return .whole(out)
  }
}
