import Foundation
import HTTPTypes
import Server
import Testing

@Suite struct FailureLimiterTests {
  private static func make(_ limit: Int = 3) -> (FailureLimiter, TestClock) {
    let clock = TestClock(1_795_332_792)
    return (FailureLimiter(limit: limit, now: { clock.date }), clock)
  }

  @Test func letsSoManyFailThenWaitForTheEndOfTheWindow() {
    let (limiter, clock) = Self.make()
    let subject = FailureLimiter.Subject.address("192.0.2.1")
    for _ in 0..<3 {
      #expect(limiter.retryAfter([subject]) == nil)
      limiter.recordFailure([subject])
      clock.advance(10)
    }
    #expect(limiter.retryAfter([subject]) == 270)
    clock.advance(269.5)
    #expect(limiter.retryAfter([subject]) == 1)
    clock.advance(0.5)
    #expect(limiter.retryAfter([subject]) == nil)
  }

  @Test func countsAddressesAndAccountsApart() {
    let (limiter, _) = Self.make()
    for _ in 0..<3 { limiter.recordFailure([.account("alice")]) }
    #expect(limiter.retryAfter([.account("alice"), .address("192.0.2.1")]) != nil)
    #expect(limiter.retryAfter([.address("alice")]) == nil)
    #expect(limiter.retryAfter([.account("bob")]) == nil)
    limiter.recordSuccess(account: "alice")
    #expect(limiter.retryAfter([.account("alice")]) == nil)
  }

  /// Whoever has one IPv6 address has a network of them.
  @Test(arguments: [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true),
    ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
    ("::ffff:192.0.2.1", "192.0.2.1", true), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
    ("fe80::1%eth0", "fe80::2%eth1", true), ("192.0.2.1", "192.0.2.2", false), ("::1", "::2", true),
    ("2001:DB8::1", "2001:db8:0:0:5::", true),
  ])
  func countsIPv6ByNetwork(first: String, second: String, isOne: Bool) {
    let (limiter, _) = Self.make(1)
    limiter.recordFailure([.address(first)])
    #expect((limiter.retryAfter([.address(second)]) != nil) == isOne)
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("203.0.113.9, 192.0.2.1", "192.0.2.1"), ("192.0.2.1:4711", "192.0.2.1"),
    ("[2001:db8::1]:4711", "2001:db8::1"), ("2001:db8::1", "2001:db8::1"), ("", "198.51.100.1"),
    ("a b", "198.51.100.1"),
  ])
  func readsAProxysHeader(value: String, address: String) throws {
    let name = try #require(HTTPField.Name("X-Forwarded-For"))
    #expect(
      ClientAddress(header: name).address(headers: [name: value], connection: "198.51.100.1") == address)
  }

  @Test func staysBoundedAndKeepsTheNewest() {
    let (limiter, clock) = Self.make(1)
    for number in 0..<30_000 {
      limiter.recordFailure([.address("\(number)")])
      clock.advance(0.001)
    }
    #expect(limiter.retryAfter([.address("29999")]) != nil)
    #expect(limiter.retryAfter([.address("0")]) == nil)
  }

  @Test func canBeSwitchedOff() {
    let (limiter, _) = Self.make(0)
    for _ in 0..<1000 { limiter.recordFailure([.address("a")]) }
    #expect(limiter.retryAfter([.address("a")]) == nil)
  }
}
