import NIOCore

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Takes a `multipart/form-data` body apart (RFC 7578, RFC 2046 §5.1) as it arrives.
///
/// ```
/// --BOUNDARY CRLF
/// Content-Disposition: form-data; name="files"; filename="a-1.0-0.conda" CRLF
/// CRLF
/// …bytes… CRLF
/// --BOUNDARY-- CRLF
/// ```
///
/// A pure state machine: bytes in, events out. It holds back no more than a delimiter's length of a part's bytes, and
/// at most 16 KiB of its headers.
struct MultipartParser {
  enum Event: Equatable {
    case part(MultipartHeaders)
    case data(ByteBuffer)
    case endOfPart
    case endOfForm
  }

  enum ParseError: Error, Equatable, CustomStringConvertible {
    case headersTooLong
    case noDisposition
    case truncated

    var description: String {
      switch self {
      case .headersTooLong: "the headers of a form part are longer than 16 KiB"
      case .noDisposition: "a form part has no Content-Disposition with a name"
      case .truncated: "the form ends before its closing boundary"
      }
    }
  }

  private enum State { case preamble, headers, firstData, data, done }

  static let maxHeaderSize = 16 << 10
  private let delimiter: [UInt8]
  private var pending: ByteBuffer
  private var state = State.preamble

  init(boundary: String) {
    delimiter = Array("\r\n--\(boundary)".utf8)
    // The first boundary may stand at the very start: a line break before it makes it like the others.
    pending = ByteBuffer(string: "\r\n")
  }

  mutating func feed(_ chunk: ByteBuffer) throws -> [Event] {
    pending.writeImmutableBuffer(chunk)
    var events: [Event] = []
    while try step(&events) {}
    pending.discardReadBytes()
    return events
  }

  /// - Throws: `.truncated` if the closing boundary never came.
  func finish() throws {
    if state != .done { throw ParseError.truncated }
  }

  /// One transition; false when more bytes are needed.
  private mutating func step(_ events: inout [Event]) throws -> Bool {
    switch state {
    case .preamble: return skipToDelimiter(&events, isInsidePart: false)
    case .data: return skipToDelimiter(&events, isInsidePart: true)
    case .headers: return try readHeaders(&events)
    case .firstData: return skipBlankLine(&events)
    case .done:
      pending.clear()
      return false
    }
  }

  /// Moves past the next delimiter line, handing out what stands before it.
  private mutating func skipToDelimiter(_ events: inout [Event], isInsidePart: Bool) -> Bool {
    guard let offset = find(delimiter) else {
      let safe = max(0, pending.readableBytes - delimiter.count + 1)
      emit(pending.readSlice(length: safe), isInsidePart, &events)
      return false
    }
    let afterDelimiter = pending.readerIndex + offset + delimiter.count
    guard afterDelimiter + 2 <= pending.writerIndex else {
      emit(pending.readSlice(length: offset), isInsidePart, &events)
      return false
    }
    emit(pending.readSlice(length: offset), isInsidePart, &events)
    let isLast = pending.getBytes(at: afterDelimiter, length: 2) == Array("--".utf8)
    // Anything else after the delimiter is padding up to the line break, which the headers' search skips.
    pending.moveReaderIndex(forwardBy: delimiter.count + (isLast ? 2 : 0))
    if isInsidePart { events.append(.endOfPart) }
    if isLast { events.append(.endOfForm) }
    state = isLast ? .done : .headers
    return true
  }

  private func emit(_ slice: ByteBuffer?, _ isInsidePart: Bool, _ events: inout [Event]) {
    if isInsidePart, let slice, slice.readableBytes > 0 { events.append(.data(slice)) }
  }

  private mutating func readHeaders(_ events: inout [Event]) throws -> Bool {
    guard let offset = find(Array("\r\n\r\n".utf8)) else {
      if pending.readableBytes > Self.maxHeaderSize { throw ParseError.headersTooLong }
      return false
    }
    guard offset <= Self.maxHeaderSize else { throw ParseError.headersTooLong }
    let text = pending.readString(length: offset) ?? ""
    // The blank line's own line break is kept: it is the one before the delimiter if the part has no bytes.
    pending.moveReaderIndex(forwardBy: 2)
    guard let headers = MultipartHeaders(parsing: text) else { throw ParseError.noDisposition }
    events.append(.part(headers))
    state = .firstData
    return true
  }

  /// A part's bytes begin after the blank line, unless the delimiter follows it at once: then there are none.
  private mutating func skipBlankLine(_ events: inout [Event]) -> Bool {
    guard pending.readableBytes >= delimiter.count else { return false }
    if !pending.readableBytesView.starts(with: delimiter) { pending.moveReaderIndex(forwardBy: 2) }
    state = .data
    return true
  }

  /// Looks for the first byte with `memchr`, which passes over a package's bytes at memory speed.
  private static func offset(of needle: UnsafeRawBufferPointer, in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress, let what = needle.baseAddress else { return nil }
    var start = 0
    while bytes.count - start >= needle.count {
      let searched = bytes.count - start - needle.count + 1
      guard let found = memchr(base + start, Int32(needle[0]), searched) else { return nil }
      let offset = UnsafeRawPointer(found) - base
      if memcmp(found, what, needle.count) == 0 { return offset }
      start = offset + 1
    }
    return nil
  }

  private func find(_ pattern: [UInt8]) -> Int? {
    pending.readableBytesView.withUnsafeBytes { bytes in
      pattern.withUnsafeBytes { needle in Self.offset(of: needle, in: bytes) }
    }
  }
}
