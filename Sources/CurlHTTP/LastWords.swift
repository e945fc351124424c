import Foundation

/// What a peer had still said on connections that libcurl gave up.
///
/// A server may refuse an upload before it has read it, and hang up. Its answer then lies in our socket, but libcurl
/// may meet the reset first, while sending, and closes the socket unread. So this looks into every socket that
/// libcurl closes. Used by the loop's thread only.
///
/// ```
/// libcurl: send ──▶ ECONNRESET ──▶ close socket ──▶ LastWords reads "HTTP/1.1 409 …" ──▶ CurlTransfer
/// ```
final class LastWords {
  /// An early refusal is short; more than this is the rest of a download nobody wants.
  private static let limit = 64 << 10
  private var bytesByPort: [Int: [UInt8]] = [:]

  /// Reads what is there, then closes the socket.
  func closeSocket(_ descriptor: Int32) -> Int32 {
    var bytes = [UInt8](repeating: 0, count: Self.limit)
    var count = 0
    while count < bytes.count {
      let received = bytes[count...].withUnsafeMutableBytes { rest in
        recv(descriptor, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT))
      }
      guard received > 0 else { break }
      count += received
    }
    if count > 0, let port = Self.localPort(descriptor) { bytesByPort[port] = Array(bytes[..<count]) }
    return close(descriptor)
  }

  /// What was left on the connection from a local port; then forgotten.
  func take(localPort: Int) -> [UInt8]? { bytesByPort.removeValue(forKey: localPort) }

  /// Forgets what nobody asked for.
  func removeAll() {
    if !bytesByPort.isEmpty { bytesByPort.removeAll() }
  }

  private static func localPort(_ descriptor: Int32) -> Int? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      let isKnown = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        getsockname(descriptor, generic, &length) == 0
      }
      guard isKnown else { return nil }
      switch Int32(pointer.pointee.ss_family) {
      case AF_INET:
        return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin_port))
        }
      case AF_INET6:
        return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          Int(UInt16(bigEndian: $0.pointee.sin6_port))
        }
      default: return nil
      }
    }
  }
}
