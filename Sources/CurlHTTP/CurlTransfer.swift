import HTTPTypes
import NIOCore

/// One exchange seen as a state machine: what libcurl reports goes in, what the waiting tasks may have comes out.
/// Pure: no sockets, no threads, no continuations; `CurlExchange` obeys it.
///
/// ```
/// awaiting head ──first body byte or end──▶ head ready ──taken──▶ streaming ──chunks empty──▶ ended | failed
/// ```
/// The head is final only when the body begins or the transfer ends with one, because libcurl also reports the
/// heads of redirects it follows. Without redirects the blank line is enough.
struct CurlTransfer {
  /// What libcurl is to do with bytes it has received.
  enum Receipt: Equatable {
    case accept
    case pause
    case abort
  }

  /// The directions in which libcurl waits for us and may go on.
  struct Resumption: OptionSet {
    let rawValue: Int
    static let receive = Resumption(rawValue: 1)
    static let send = Resumption(rawValue: 2)
  }

  private enum Outcome {
    case complete
    case failed(TransportError)
  }

  /// An unread rest up to this size is received and thrown away, since that keeps the connection usable.
  static let discardableRest: Int64 = 256 << 10
  private static let chunkCapacity = 64 << 10

  var upload: UploadQueue
  private let marks: CurlConfiguration.Buffering
  private let followsRedirects: Bool
  private let expectsBody: Bool
  private var parser = ResponseHeadParser()
  private var isHeadFinal = false
  private var chunks = CircularBuffer<ByteBuffer>()
  private var bufferedBytes = 0
  private var receivedBytes: Int64 = 0
  private var outcome: Outcome?
  private var isAbandoned = false
  private(set) var isReceivingPaused = false

  /// - Parameter expectsBody: False for HEAD, whose `Content-Length` is of a body that never comes.
  init(
    marks: CurlConfiguration.Buffering, expectsBody: Bool = true, followsRedirects: Bool = false,
    uploadSize: Int64? = nil
  ) {
    self.marks = marks
    self.expectsBody = expectsBody
    self.followsRedirects = followsRedirects
    upload = UploadQueue(size: uploadSize, marks: marks)
  }

  /// Whether nothing more can happen.
  var isOver: Bool { outcome != nil }

  /// Whether libcurl stands still because our side is behind.
  var isWaitingForUs: Bool { isReceivingPaused || upload.isReadingPaused }

  // MARK: - From libcurl

  mutating func receive(headerLine line: some BidirectionalCollection<UInt8>) {
    guard !isHeadFinal else { return }
    parser.receive(line: line)
    if let head = parser.head, !(followsRedirects && head.status.kind == .redirection) { isHeadFinal = true }
  }

  mutating func receive(body bytes: UnsafeRawBufferPointer) -> Receipt {
    if case .failed = outcome { return .abort }
    if parser.head != nil { isHeadFinal = true }
    guard !isAbandoned else {
      receivedBytes += Int64(bytes.count)
      return .accept
    }
    guard bufferedBytes < marks.high else {
      isReceivingPaused = true
      return .pause
    }
    receivedBytes += Int64(bytes.count)
    bufferedBytes += bytes.count
    append(bytes)
    return .accept
  }

  /// libcurl hands over 16 KiB at a time; small pieces join into chunks of 64 KiB.
  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if let last = chunks.last, last.writableBytes >= bytes.count {
      chunks[chunks.index(before: chunks.endIndex)].writeBytes(bytes)
      return
    }
    var chunk = ByteBufferAllocator().buffer(
      capacity: bytes.count < 16 << 10 ? bytes.count : max(bytes.count, Self.chunkCapacity))
    chunk.writeBytes(bytes)
    chunks.append(chunk)
  }

  /// The transfer is over; the first call counts.
  ///
  /// - Parameter unread: Bytes that lay in the socket when sending failed: perhaps an answer, which then counts
  ///   more than the failure.
  mutating func finish(_ error: TransportError?, unread: [UInt8] = []) {
    guard outcome == nil else { return }
    let error = !unread.isEmpty && receive(unread: unread[...]) ? nil : error
    if let error {
      // A failure of our own body shows as an abort in libcurl; the reason is what the caller needs.
      outcome = .failed(upload.failure ?? error)
      if error.kind == .cancelled || error.kind == .shutDown { dropChunks() }
    } else if parser.head == nil {
      outcome = .failed(TransportError(.protocolViolation, "the connection ended without an answer"))
    } else {
      isHeadFinal = true
      outcome = .complete
    }
  }

  /// Reads an HTTP/1.1 answer from raw bytes; whether it is complete.
  private mutating func receive(unread: ArraySlice<UInt8>) -> Bool {
    guard parser.head == nil, unread.starts(with: "HTTP/1.".utf8) else { return false }
    var rest = unread
    while parser.head == nil {
      guard let lineEnd = rest.firstIndex(of: UInt8(ascii: "\n")) else { return false }
      receive(headerLine: rest[...lineEnd])
      rest = rest[(lineEnd + 1)...]
    }
    guard let fields = parser.head?.headerFields, fields[.transferEncoding] == nil else { return false }
    isHeadFinal = true
    let length = fields[.contentLength].flatMap { Int($0) } ?? rest.count
    let body = rest.prefix(max(0, length))
    guard !body.isEmpty else { return length == 0 }
    return body.withUnsafeBytes { bytes in receive(body: bytes) == .accept } && body.count == length
  }

  // MARK: - To the waiting tasks

  /// The final head, or why there is none; `nil` while neither is known.
  func head() -> Result<HTTPResponse, TransportError>? {
    if case .failed(let error) = outcome, error.kind == .cancelled || error.kind == .shutDown {
      return .failure(error)
    }
    if isHeadFinal, let head = parser.head { return .success(head) }
    if case .failed(let error) = outcome { return .failure(error) }
    return nil
  }

  /// The next chunk, `.success(nil)` at the end, or the failure; `nil` while there is nothing to say.
  mutating func takeChunk() -> Result<ByteBuffer?, TransportError>? {
    if let chunk = chunks.popFirst() {
      bufferedBytes -= chunk.readableBytes
      return .success(chunk)
    }
    switch outcome {
    case nil: return nil
    case .complete: return .success(nil)
    case .failed(let error): return .failure(error)
    }
  }

  /// Directions that may go on since the last call.
  mutating func takeResumption() -> Resumption {
    var resumption: Resumption = []
    if isReceivingPaused, bufferedBytes <= marks.low || isAbandoned {
      isReceivingPaused = false
      resumption.insert(.receive)
    }
    if upload.takeResumption() { resumption.insert(.send) }
    return isOver ? [] : resumption
  }

  /// Nobody will read the body. Whether the transfer must be broken off, because the rest is long or unknown.
  mutating func abandonBody() -> Bool {
    guard !isOver, !isAbandoned else { return false }
    guard let rest = remainingBytes, rest <= Self.discardableRest else { return true }
    isAbandoned = true
    dropChunks()
    return false
  }

  private var remainingBytes: Int64? {
    guard expectsBody, parser.head?.status != .notModified, parser.head?.status != .noContent else {
      return 0
    }
    guard let length = parser.head?.headerFields[.contentLength].flatMap({ Int64($0) }) else { return nil }
    return length - receivedBytes
  }

  private mutating func dropChunks() {
    chunks.removeAll()
    bufferedBytes = 0
  }
}
