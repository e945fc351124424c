// The lines libcurl hands over, each with its line break, for every head that arrives on the way:
//
//   HTTP/1.1 100 Continue CRLF            an interim answer (1xx): dropped
//   CRLF
//   HTTP/1.1 302 Found CRLF               dropped if libcurl goes on to follow it
//   Location: /there CRLF
//   CRLF
//   HTTP/2 200 CRLF                       no reason phrase in HTTP/2
//   Content-Length: 5 CRLF
//   CRLF
//   X-Checksum: 1 CRLF                    trailers after a chunked body: ignored
//   CRLF

import HTTPTypes

/// Collects header lines into heads; the last complete one that is not 1xx counts.
struct ResponseHeadParser {
  private(set) var head: HTTPResponse?
  private var partial: HTTPResponse?

  /// Takes one line with or without its line break.
  mutating func receive(line: some BidirectionalCollection<UInt8>) {
    var content = line[...]
    while let last = content.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
      content.removeLast()
    }
    if content.starts(with: "HTTP/".utf8) {
      partial = Self.statusLine(content)
    } else if content.isEmpty {
      completeHead()
    } else if partial != nil, let field = Self.field(content) {
      partial?.headerFields.append(field)
    }
  }

  private mutating func completeHead() {
    guard let complete = partial else { return }
    partial = nil
    guard complete.status.kind != .informational else { return }
    head = complete
  }

  private static func statusLine(_ line: some Collection<UInt8>) -> HTTPResponse? {
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[1].count == 3, let code = Int(String(decoding: parts[1], as: UTF8.self)),
      (100...999).contains(code)
    else { return nil }
    let reason = parts.count > 2 ? String(decoding: parts[2], as: UTF8.self) : ""
    return HTTPResponse(status: .init(code: code, reasonPhrase: reason))
  }

  /// A field line; `nil` for what is none (folded lines among them, which RFC 9112 §5.2 forbids to senders).
  private static func field(_ line: some BidirectionalCollection<UInt8>) -> HTTPField? {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
      let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
    else { return nil }
    var value = line[line.index(after: colon)...]
    while let first = value.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
      value.removeFirst()
    }
    while let last = value.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") {
      value.removeLast()
    }
    return HTTPField(name: name, value: value)
  }
}
