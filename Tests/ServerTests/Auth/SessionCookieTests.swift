import CondaTypes
import Foundation
import Testing

@testable import Server

@Suite struct SessionCookieTests {
  static let issued: Int64 = 1_795_332_792
  static let now = Date(timeIntervalSince1970: 1_795_332_800)
  static let session = SessionCookie.Session(
    id: UUID(uuidString: "5a3c0b0e-6f0f-4d0c-8a26-0d6f0c8c4d12") ?? UUID(),
    userID: UUID(uuidString: "0b0e5a3c-6f0f-4d0c-8a26-0d6f0c8c4d11") ?? UUID(), provider: "dummy",
    issuedAt: issued)

  private static func cookie(secret: String = "the secret of this test", isSecure: Bool = false)
    -> SessionCookie
  {
    var reader = ConfigurationReader(sections: [
      "session": ["secret": .string(secret), "https_only": .bool(isSecure)]
    ])
    return SessionCookie(configuration: SessionConfiguration(reading: &reader))
  }

  /// `name=value` of a `Set-Cookie` header.
  private static func pair(_ setting: String) -> String { String(setting.prefix { $0 != ";" }) }

  private static func value() throws -> String { pair(try cookie().setting(session)) }

  @Test func readsWhatItWrote() throws {
    #expect(Self.cookie().session(in: try Self.value(), now: Self.now) == Self.session)
  }

  @Test func isFoundAmongOtherCookies() throws {
    let header = "a=b; \(try Self.value());  theme=dark"
    #expect(Self.cookie().session(in: header, now: Self.now) == Self.session)
    #expect(Self.cookie().session(in: "x" + (try Self.value()), now: Self.now) == nil)
  }

  @Test func hasUpstreamsAttributes() throws {
    let text = try Self.cookie().setting(Self.session)
    #expect(text.hasPrefix("session="))
    #expect(text.hasSuffix("; path=/; Max-Age=1209600; httponly; samesite=lax"))
    #expect(try Self.cookie(isSecure: true).setting(Self.session).hasSuffix("; secure"))
    #expect(Self.cookie().clearing() == "session=null; path=/; Max-Age=0; httponly; samesite=lax")
  }

  @Test func lastsFourteenDays() throws {
    let cookie = Self.cookie()
    let value = try Self.value()
    let end = Date(timeIntervalSince1970: TimeInterval(Self.issued + 14 * 86_400))
    #expect(cookie.session(in: value, now: end.addingTimeInterval(-1)) == Self.session)
    #expect(cookie.session(in: value, now: end) == nil)
    #expect(cookie.session(in: value, now: end.addingTimeInterval(1e9)) == nil)
  }

  @Test func isRefusedFromTheFuture() throws {
    let value = try Self.value()
    let issued = Date(timeIntervalSince1970: TimeInterval(Self.issued))
    #expect(Self.cookie().session(in: value, now: issued.addingTimeInterval(-30)) == Self.session)
    #expect(Self.cookie().session(in: value, now: issued.addingTimeInterval(-3600)) == nil)
  }

  @Test func isRefusedUnderAnotherSecret() throws {
    #expect(
      Self.cookie(secret: "another secret, also long").session(in: try Self.value(), now: Self.now) == nil)
  }

  @Test func isRefusedAfterAnyChangeOfAnyCharacter() throws {
    let value = try Self.value()
    let cookie = Self.cookie()
    let start = "session=".utf8.count
    // The last character of either part may hold unused bits; every other one counts.
    let bytes = Array(value.utf8)
    let dot = try #require(bytes.firstIndex(of: UInt8(ascii: ".")))
    for position in start..<bytes.count where position != dot - 1 && position != bytes.count - 1 {
      var changed = bytes
      changed[position] = bytes[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(
        cookie.session(in: String(decoding: changed, as: UTF8.self), now: Self.now) == nil, "\(position)")
    }
  }

  @Test func isRefusedWithAnotherUsersContentUnderTheOldSignature() throws {
    let own = try Self.cookie().setting(Self.session)
    let other = try Self.cookie().setting(
      .init(id: UUID(), userID: UUID(), provider: "dummy", issuedAt: Self.issued))
    let signature = Self.pair(own).split(separator: ".")[1]
    let body = Self.pair(other).split(separator: ".")[0]
    #expect(Self.cookie().session(in: "\(body).\(signature)", now: Self.now) == nil)
  }

  @Test(arguments: [
    "", "session", "session=", "session=null", "session=.", "session=a.b", "session=a", "session=a.b.c",
    "session=%.%",
    "session=eyJ1c2VyIjoiMGIwZTVhM2MtNmYwZi00ZDBjLThhMjYtMGQ2ZjBjOGM0ZDExIn0.", ";;;", "other=x",
    "session==.==",
  ])
  func findsNoSessionInRubbish(header: String) {
    #expect(Self.cookie().session(in: header, now: Self.now) == nil)
  }

  @Test func holdsNoSecret() throws {
    let body = try #require(Self.value().dropFirst("session=".count).split(separator: ".").first)
    let padded = body + String(repeating: "=", count: (4 - body.count % 4) % 4)
    let data = try #require(
      Data(base64Encoded: String(padded.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })))
    #expect(
      try JSONValue(parsing: Array(data)).asObject?.keys.sorted() == ["iat", "provider", "sid", "user"])
  }
}
