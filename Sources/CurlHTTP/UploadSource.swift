import Foundation
import NIOCore

/// Where the bytes of a request's body come from while libcurl asks for them. Used by the loop's thread only.
struct UploadSource {
  private enum Kind {
    case bytes(ByteBuffer, whole: ByteBuffer)
    case file(descriptor: Int32, range: Range<Int64>, offset: Int64)
    case stream
  }

  private var kind: Kind
  /// Bytes to come; `nil` if only the end will tell.
  let size: Int64?

  /// Opens the body.
  ///
  /// - Returns: `nil` for `.none`.
  /// - Throws: `.requestBody` if a file cannot be opened.
  init?(_ body: HTTPRequestBody) throws(TransportError) {
    switch body {
    case .none: return nil
    case .bytes(let buffer):
      kind = .bytes(buffer, whole: buffer)
      size = Int64(buffer.readableBytes)
    case .file(let path, let start, let length):
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw TransportError(.requestBody, "cannot open '\(path)': \(String(cString: strerror(errno)))")
      }
      kind = .file(descriptor: descriptor, range: start..<start + length, offset: start)
      size = length
    case .stream(let declared, _):
      kind = .stream
      size = declared
    }
  }

  /// Fills libcurl's buffer.
  mutating func read(
    into target: UnsafeMutableRawBufferPointer, exchange: CurlExchange
  ) throws(TransportError) -> UploadQueue.Reading {
    switch kind {
    case .bytes(var rest, let whole):
      let count = min(rest.readableBytes, target.count)
      rest.readWithUnsafeReadableBytes { bytes in
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        return count
      }
      kind = .bytes(rest, whole: whole)
      return count == 0 ? .end : .bytes(count)
    case .file(let descriptor, let range, let offset):
      let count = try Self.read(descriptor, at: offset, upTo: range.upperBound, into: target)
      kind = .file(descriptor: descriptor, range: range, offset: offset + Int64(count))
      return count == 0 ? .end : .bytes(count)
    case .stream:
      return exchange.readUpload(into: target)
    }
  }

  private static func read(
    _ descriptor: Int32, at offset: Int64, upTo end: Int64, into target: UnsafeMutableRawBufferPointer
  ) throws(TransportError) -> Int {
    let wanted = Int(min(Int64(target.count), end - offset))
    guard wanted > 0 else { return 0 }
    while true {
      let count = pread(descriptor, target.baseAddress, wanted, off_t(offset))
      if count > 0 { return count }
      if count < 0, errno == EINTR { continue }
      let reason =
        count == 0
        ? "the file ended at byte \(offset), before \(end)"
        : "reading the file: \(String(cString: strerror(errno)))"
      throw TransportError(.requestBody, reason)
    }
  }

  /// Goes back to the beginning, for a kept connection that turned out dead; whether that is possible.
  mutating func rewind(exchange: CurlExchange) -> Bool {
    switch kind {
    case .bytes(_, let whole):
      kind = .bytes(whole, whole: whole)
      return true
    case .file(let descriptor, let range, _):
      kind = .file(descriptor: descriptor, range: range, offset: range.lowerBound)
      return true
    case .stream:
      return exchange.update { transfer in transfer.upload.canRewind }
    }
  }

  /// Closes the file, if there is one.
  func close() {
    if case .file(let descriptor, _, _) = kind { _ = Foundation.close(descriptor) }
  }
}
