import APITypes

/// A URL that somebody asks this server to fetch from: only hosts outside are allowed, or else a user could make the
/// server read what only it can reach (quetz-api.md §9.2, hole 10).
///
/// Pure: it judges the text. Whoever connects must judge the addresses that a name resolves to as well
/// (`isInternal(_:)` for each), since a name can point anywhere.
package enum OutboundURL {
  /// - Throws: 422 if the URL has no host, credentials, or names this machine or a private network.
  package static func requireExternal(_ url: String) throws {
    guard let host = host(of: url) else {
      throw APIError(.hostNotAllowed, "'\(url)' has no host that this server may connect to")
    }
    if isInternal(host) {
      throw APIError(.hostNotAllowed, "'\(host)' is an internal host: this server does not connect to it")
    }
  }

  /// The host in lower case, without brackets; `nil` if the URL is none, or carries credentials.
  package static func host(of url: String) -> String? {
    guard let scheme = ["http://", "https://"].first(where: { url.lowercased().hasPrefix($0) }) else {
      return nil
    }
    let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    // `user@`, spaces and escapes: what one parser takes for the host another does not.
    guard !authority.isEmpty, authority.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !authority.contains("@"),
      !authority.contains("%"), !authority.contains("\\")
    else { return nil }
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      return authority[authority.index(after: authority.startIndex)..<end].lowercased()
    }
    let host = authority.prefix { $0 != ":" }.lowercased()
    return host.isEmpty ? nil : host
  }

  /// Whether a host names this machine, a private network or nothing public: names without a dot, reserved names, and
  /// addresses in any of the forms that resolvers take.
  package static func isInternal(_ host: String) -> Bool {
    if host.contains(":") { return IPv6Address(host).map(\.isInternal) ?? true }
    var name = host.lowercased()
    while name.hasSuffix(".") { name.removeLast() }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = labels.last, !last.isEmpty else { return true }
    // `127.1`, `0x7f000001`, `2130706433`: inet_aton takes them all; only the plain form may be public.
    if let first = last.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      return IPv4Address(name).map(\.isInternal) ?? true
    }
    if labels.count < 2 { return true }
    return [
      "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "arpa", "test", "invalid",
    ]
    .contains(String(last))
  }
}

/// A dotted address of four decimal numbers.
struct IPv4Address {
  let bytes: [UInt8]

  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.count > 1 && part.hasPrefix("0") ? nil : UInt8(part)
    }
    guard parts.count == 4, numbers.count == 4 else { return nil }
    bytes = numbers
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  var text: String { bytes.map(String.init).joined(separator: ".") }

  /// Whether it is not a public unicast address (IANA's special-purpose registry).
  var isInternal: Bool {
    switch (bytes[0], bytes[1]) {
    case (0, _), (10, _), (127, _), (224...255, _): true
    case (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19): true
    case (192, 0): bytes[2] == 0 || bytes[2] == 2
    case (198, 51): bytes[2] == 100
    case (203, 0): bytes[2] == 113
    default: false
    }
  }
}

/// An address of eight groups of hexadecimal digits (RFC 4291 §2.2).
struct IPv6Address {
  let groups: [UInt16]

  init?(_ text: String) {
    var text = Substring(text)
    var tail: [UInt16] = []
    // An IPv4 address as the last 32 bits.
    if let colon = text.lastIndex(of: ":"), text[colon...].contains(".") {
      guard let address = IPv4Address(String(text[text.index(after: colon)...])) else { return nil }
      tail = [
        UInt16(address.bytes[0]) << 8 | UInt16(address.bytes[1]),
        UInt16(address.bytes[2]) << 8 | UInt16(address.bytes[3]),
      ]
      text = text[...colon]
      if !text.hasSuffix("::") { text = text.dropLast() }
    }
    let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = halves.first, let left = Self.groups(first),
      let right = Self.groups(halves.count == 2 ? halves[1] : "")
    else { return nil }
    let missing = 8 - left.count - right.count - tail.count
    guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
    groups = left + Array(repeating: 0, count: missing) + right + tail
  }

  private static func groups(_ text: Substring) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let groups = parts.compactMap { $0.count <= 4 ? UInt16($0, radix: 16) : nil }
    return groups.count == parts.count ? groups : nil
  }

  /// Whether it is not a public unicast address; those that carry an IPv4 address are judged by it.
  var isInternal: Bool {
    // Global unicast is 2000::/3; 2002::/16 and 64:ff9b::/96 carry an IPv4 address, 2001:db8::/32 is for documents.
    if let mapped { return mapped.isInternal }
    if groups[0] == 0x64, groups[1] == 0xff9b, groups[2..<6].allSatisfy({ $0 == 0 }) {
      return embedded(6).isInternal
    }
    if groups[0] == 0x2002 { return embedded(1).isInternal }
    if groups[0] == 0x2001, groups[1] == 0xdb8 || groups[1] == 0 { return true }
    return groups[0] & 0xe000 != 0x2000
  }

  /// The IPv4 address in `::ffff:192.0.2.1`, which is how a socket for both kinds names it.
  var mapped: IPv4Address? {
    groups[..<5].allSatisfy { $0 == 0 } && groups[5] == 0xffff ? embedded(6) : nil
  }

  private func embedded(_ index: Int) -> IPv4Address {
    IPv4Address(
      bytes: groups[index...(index + 1)].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
  }
}
