import NIOCore

/// What a request's body stream has made and libcurl has not yet taken. Pure: no sockets, no tasks.
///
/// ```
/// producer ──offer──▶ [ chunks, at most `high` bytes and one chunk ] ──read──▶ libcurl
/// ```
struct UploadQueue {
  /// What libcurl's wish for bytes comes to.
  enum Reading: Equatable {
    case bytes(Int)
    case end
    case pause
    case failed
  }

  private let marks: CurlConfiguration.Buffering
  private let declaredSize: Int64?
  private var chunks = CircularBuffer<ByteBuffer>()
  private var bufferedBytes = 0
  private var offeredBytes: Int64 = 0
  private var readBytes: Int64 = 0
  private var hasEnded = false
  private(set) var isReadingPaused = false
  private(set) var failure: TransportError?

  init(size: Int64?, marks: CurlConfiguration.Buffering) {
    declaredSize = size
    self.marks = marks
  }

  /// Whether the producer may go on after it was told to wait.
  var hasRoom: Bool { bufferedBytes <= marks.low || failure != nil }

  /// Takes a chunk from the producer; `false` tells it to wait until `hasRoom`.
  mutating func offer(_ chunk: ByteBuffer) -> Bool {
    guard failure == nil, chunk.readableBytes > 0 else { return true }
    offeredBytes += Int64(chunk.readableBytes)
    if let declaredSize, offeredBytes > declaredSize {
      fail(TransportError(.requestBody, "the body stream has more than the declared \(declaredSize) bytes"))
      return true
    }
    bufferedBytes += chunk.readableBytes
    chunks.append(chunk)
    return bufferedBytes < marks.high
  }

  /// The producer is done, or gave up with an error.
  mutating func end(_ error: (any Error)?) {
    if let error {
      fail(TransportError(.requestBody, "the body stream failed: \(error)", underlying: error))
    } else if let declaredSize, offeredBytes < declaredSize {
      fail(
        TransportError(.requestBody, "the body stream ended after \(offeredBytes) of \(declaredSize) bytes"))
    }
    hasEnded = true
  }

  private mutating func fail(_ error: TransportError) {
    if failure == nil { failure = error }
    chunks.removeAll()
    bufferedBytes = 0
  }

  /// Fills libcurl's buffer as far as there are bytes.
  mutating func read(into target: UnsafeMutableRawBufferPointer) -> Reading {
    guard failure == nil else { return .failed }
    var filled = 0
    while filled < target.count, let first = chunks.first {
      let count = min(first.readableBytes, target.count - filled)
      first.withUnsafeReadableBytes { bytes in
        UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
      }
      filled += count
      if count == first.readableBytes {
        chunks.removeFirst()
      } else {
        chunks[chunks.startIndex].moveReaderIndex(forwardBy: count)
      }
    }
    bufferedBytes -= filled
    readBytes += Int64(filled)
    if filled > 0 { return .bytes(filled) }
    if hasEnded { return .end }
    isReadingPaused = true
    return .pause
  }

  /// Whether libcurl waits for bytes that are there now; asking clears the mark.
  mutating func takeResumption() -> Bool {
    guard isReadingPaused, !chunks.isEmpty || hasEnded || failure != nil else { return false }
    isReadingPaused = false
    return true
  }

  /// Whether the body can start over, as libcurl asks when a kept connection turns out dead.
  var canRewind: Bool { readBytes == 0 }
}
