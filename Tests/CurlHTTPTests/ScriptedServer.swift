import CurlHTTP
import Foundation
import Locks

/// A server on 127.0.0.1 that does with each connection exactly what a test says, byte by byte: early answers,
/// cut bodies, slow readers. Blocking; every connection has a thread of its own.
final class ScriptedServer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let accepted = Guarded(0)

  /// - Parameter script: Runs once per connection with its number, from 1; the connection closes when it returns.
  init(_ script: @escaping @Sendable (ServerConnection, Int) throws -> Void) throws {
    (listener, port) = try Self.listen()
    let thread = Thread { [self] in acceptAll(script) }
    thread.start()
  }

  private static func listen() throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 && Foundation.listen(descriptor, 128) == 0
          && getsockname(descriptor, generic, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }

  /// Stops listening; connections run to their end.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  var url: String { "http://127.0.0.1:\(port)" }

  /// Connections accepted so far.
  var connectionCount: Int { accepted.withLock { $0 } }

  private func acceptAll(_ script: @escaping @Sendable (ServerConnection, Int) throws -> Void) {
    while true {
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { break }
      let number = accepted.withLock { count in
        count += 1
        return count
      }
      let thread = Thread {
        let connection = ServerConnection(descriptor)
        // A client that hangs up ends its script; what the test sees is the client's side.
        try? script(connection, number)
        connection.close()
      }
      thread.start()
    }
    close(listener)
  }

  /// A server that answers every request of every connection with what `answer` makes of it.
  static func answering(
    _ answer: @escaping @Sendable (ReceivedRequest) throws -> String
  ) throws -> ScriptedServer {
    try ScriptedServer { connection, _ in
      while let request = try connection.readRequest() { try connection.write(answer(request)) }
    }
  }

  /// A complete answer with a length.
  static func answer(_ status: String, _ body: String = "", headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
  }
}

/// A request as it came over the wire.
struct ReceivedRequest: Sendable {
  /// The request line, e.g. `GET /a/../b HTTP/1.1`.
  let line: String
  let headers: [String]
  var body: [UInt8]

  var method: String { String(line.prefix { $0 != " " }) }
  var target: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
  /// The value of the first field with this name.
  func header(_ name: String) -> String? {
    headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
      .map { $0.drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces) }
  }
}

/// One accepted connection.
final class ServerConnection {
  struct HungUp: Error {}

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isOpen = true

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func write(_ text: String) throws { try write(Array(text.utf8)) }

  func write(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { rest in
        send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw HungUp() }
      sent += count
    }
  }

  /// Waits for more bytes; `false` at the end of the stream.
  func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece[..<count]
    return true
  }

  /// A head up to its blank line, body left unread; `nil` if the client is done.
  func readHead() -> ReceivedRequest? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: end) {
        let lines = String(decoding: buffer[..<range.lowerBound], as: UTF8.self).components(
          separatedBy: "\r\n")
        buffer.removeSubrange(..<range.upperBound)
        return ReceivedRequest(line: lines[0], headers: Array(lines.dropFirst()), body: [])
      }
      guard fill() else { return nil }
    }
  }

  func read(_ count: Int) throws -> [UInt8] {
    while buffer.count < count { guard fill() else { throw HungUp() } }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// A whole request; says 100 when asked to.
  func readRequest() throws -> ReceivedRequest? {
    guard var request = readHead() else { return nil }
    if request.header("Expect") != nil { try write("HTTP/1.1 100 Continue\r\n\r\n") }
    if let length = request.header("Content-Length").flatMap({ Int($0) }) {
      request.body = try read(length)
    } else if request.header("Transfer-Encoding") == "chunked" {
      while let chunk = try readChunk() { request.body += chunk }
    }
    return request
  }

  private func readChunk() throws -> [UInt8]? {
    let lineBreak = Array("\r\n".utf8)
    while buffer.firstRange(of: lineBreak) == nil { guard fill() else { throw HungUp() } }
    guard let range = buffer.firstRange(of: lineBreak) else { throw HungUp() }
    let size = Int(String(decoding: buffer[..<range.lowerBound], as: UTF8.self), radix: 16) ?? 0
    buffer.removeSubrange(..<range.upperBound)
    let chunk = try read(size)
    _ = try read(2)
    return size == 0 ? nil : chunk
  }

  /// Waits until the client hangs up, throwing away what it sends.
  func waitForEnd() { while fill() { buffer.removeAll() } }

  func close() {
    guard isOpen else { return }
    isOpen = false
    _ = Foundation.close(descriptor)
  }
}
