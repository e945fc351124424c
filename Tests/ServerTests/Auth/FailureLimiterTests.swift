import Foundation
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
