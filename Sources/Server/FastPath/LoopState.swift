import Foundation
import NIOCore

/// What one event loop keeps between requests: its answers, the date of this second, the next request identifier.
final class LoopState {
  private static let sweepInterval: Int64 = 60

  let table: AnswerTable
  /// How many requests were answered.
  var answered = 0
  private var second: Int64 = .min
  private var lastSweep: Int64 = 0
  private var date = ByteBuffer()
  private var random: UInt64

  init(limits: AnswerTable.Limits) {
    table = AnswerTable(limits: limits)
    random = .random(in: .min ... .max)
  }

  /// Ends a head: `Date`, `X-Request-ID`, if need be `Connection: close`, and the empty line.
  func finish(_ head: inout ByteBuffer, closes: Bool) {
    refresh()
    head.writeImmutableBuffer(date)
    writeRequestID(to: &head)
    head.writeStaticString(closes ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n")
  }

  /// Once a second: the date, and now and then a sweep of what no longer stands.
  private func refresh() {
    // In glibc the coarse clock, without a system call.
    let now = Int64(time(nil))
    guard now != second else { return }
    second = now
    date = ByteBuffer(
      string: "Date: \(Timestamp.http(Date(timeIntervalSince1970: TimeInterval(second))))\r\n")
    if second - lastSweep >= Self.sweepInterval {
      table.sweep()
      lastSweep = second
    }
  }

  /// 16 hexadecimal digits: no secret, only unlike all others (SplitMix64).
  private func writeRequestID(to head: inout ByteBuffer) {
    head.writeStaticString("X-Request-ID: ")
    random &+= 0x9e37_79b9_7f4a_7c15
    var value = random
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    value ^= value >> 31
    head.writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { target in
      for index in 0..<16 {
        let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * index)) & 0xf
        target[index] = digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
      }
      return 16
    }
  }
}
