import Dispatch
import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A bare TCP connection, for what an HTTP client would not send: several requests at once, bytes that are no HTTP.
public enum RawConnection {
  /// Connects, sends `bytes` and returns everything until the server closes.
  ///
  /// The last request should say `Connection: close`. Blocking calls run on a thread of their own.
  public static func exchange(_ baseURL: String, sending bytes: [UInt8]) async throws -> [UInt8] {
    guard let port = baseURL.split(separator: ":").last.flatMap({ UInt16($0) }) else {
      throw POSIXError(.EINVAL)
    }
    return try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try talk(port, bytes) })
      }
    }
  }

  /// The same with text.
  public static func exchange(_ baseURL: String, sending text: String) async throws -> [UInt8] {
    try await exchange(baseURL, sending: Array(text.utf8))
  }

  private static func talk(_ port: UInt16, _ bytes: [UInt8]) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.EMFILE) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw POSIXError(.ECONNREFUSED) }
    var sent = 0
    while sent < bytes.count {
      let count = unlessInterrupted {
        bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      }
      if count <= 0 { break }  // refused half-way: the answer is what counts
      sent += count
    }
    return receive(descriptor)
  }

  private static func receive(_ descriptor: Int32) -> [UInt8] {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unlessInterrupted { recv(descriptor, &buffer, buffer.count, 0) }
      if count <= 0 { return received }
      received += buffer[..<count]
    }
  }

  /// Repeats a call that was interrupted: with a time limit set, Linux does not do that by itself after a process was stopped
  /// for a moment (signal(7)).
  private static func unlessInterrupted(_ call: () -> Int) -> Int {
    var count = call()
    while count < 0, errno == EINTR { count = call() }
    return count
  }

  /// An answer as it was on the wire.
  public struct RawAnswer: Sendable {
    /// Of the first line.
    public let status: Int
    /// By lower-case name.
    public let headers: [String: String]
    /// As long as `Content-Length` says.
    public let body: [UInt8]
  }

  /// Splits `bytes` into answers by their `Content-Length`; `hasBody` tells which of them have one at all.
  public static func answers(in bytes: [UInt8], hasBody: (Int) -> Bool = { _ in true }) throws -> [RawAnswer]
  {
    var rest = bytes[...]
    var answers: [RawAnswer] = []
    while !rest.isEmpty {
      guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { throw POSIXError(.EBADMSG) }
      let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        headers[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
      }
      let words = lines[0].split(separator: " ")
      guard words.count >= 2, let status = Int(words[1]) else { throw POSIXError(.EBADMSG) }
      rest = rest[end.upperBound...]
      let length = hasBody(answers.count) ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
      guard rest.count >= length else { throw POSIXError(.EBADMSG) }
      answers.append(RawAnswer(status: status, headers: headers, body: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return answers
  }
}
