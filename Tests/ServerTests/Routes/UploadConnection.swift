import Foundation
import Testing

/// A TCP connection of a test's own, for what a proper HTTP client never does: stopping halfway, waiting for a
/// `100 Continue`.
///
/// Blocking calls run on a queue of its own, never on the cooperative pool, which the server runs on too.
final class UploadConnection: Sendable {
  struct Failure: Error { let errno: Int32 }

  private let descriptor: Int32
  private let queue = DispatchQueue(label: "upload-connection")

  /// Connects to `http://127.0.0.1:<port>`.
  init(to baseURL: String) async throws {
    let port = try #require(baseURL.split(separator: ":").last.flatMap { UInt16($0) })
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.descriptor = descriptor
    try await run {
      var timeout = timeval(tv_sec: 20, tv_usec: 0)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      address.sin_addr = in_addr(s_addr: UInt32(0x7f00_0001).bigEndian)
      let result = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard result == 0 else { throw Failure(errno: errno) }
    }
  }

  deinit { close(descriptor) }

  /// Sends all bytes.
  func send(_ bytes: [UInt8]) async throws {
    try await run { [descriptor] in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { throw Failure(errno: errno) }
        rest = rest.dropFirst(count)
      }
    }
  }

  func send(_ text: String) async throws { try await send(Array(text.utf8)) }

  /// Everything the server sends until `isEnough` says so or the server closes; fails after 20 s of silence.
  func receive(until isEnough: @escaping @Sendable (String) -> Bool) async throws -> String {
    try await run { [descriptor] in
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !isEnough(String(decoding: received, as: UTF8.self)) {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(errno: errno) }
        if count == 0 { break }
        received += buffer[..<count]
      }
      return String(decoding: received, as: UTF8.self)
    }
  }

  /// One head: everything to the blank line.
  func receiveHead() async throws -> String { try await receive { $0.contains("\r\n\r\n") } }

  /// What has arrived already, without waiting; the bytes stay unread.
  func arrived() async throws -> String {
    try await run { [descriptor] in
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK | MSG_DONTWAIT))
      return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
    }
  }

  /// Ends the connection.
  ///
  /// - Parameter abruptly: With a reset, as a machine that crashed, rather than with an orderly end.
  func hangUp(abruptly: Bool) async throws {
    try await run { [descriptor] in
      if abruptly {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        // Connecting to nothing dissolves the connection at once and keeps the number for `deinit`.
        var nothing = sockaddr(
          sa_family: sa_family_t(AF_UNSPEC), sa_data: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
        connect(descriptor, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
      } else {
        shutdown(descriptor, Int32(SHUT_RDWR))
      }
    }
  }

  private func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
