import HTTPTypes
import NIOCore
import Testing

@testable import CurlHTTP

/// The state machine alone: no sockets, no threads.
struct CurlTransferTests {
  static let marks = CurlConfiguration.Buffering(high: 100, low: 40)

  static func transfer(
    head: [String] = ["HTTP/1.1 200 OK\r\n", "\r\n"], expectsBody: Bool = true,
    followsRedirects: Bool = false,
    uploadSize: Int64? = nil
  ) -> CurlTransfer {
    var transfer = CurlTransfer(
      marks: marks, expectsBody: expectsBody, followsRedirects: followsRedirects, uploadSize: uploadSize)
    for line in head { transfer.receive(headerLine: Array(line.utf8)) }
    return transfer
  }

  static func receive(_ count: Int, _ transfer: inout CurlTransfer) -> CurlTransfer.Receipt {
    [UInt8](repeating: 7, count: count).withUnsafeBytes { transfer.receive(body: $0) }
  }

  static func status(_ transfer: CurlTransfer) throws -> Int? { try transfer.head()?.get().status.code }

  @Test func theHeadIsKnownAtItsBlankLine() throws {
    var transfer = Self.transfer(head: ["HTTP/1.1 404 Not Found\r\n", "ETag:  \"x\" \r\n"])
    #expect(transfer.head() == nil)
    transfer.receive(headerLine: Array("\r\n".utf8))
    let head = try #require(try transfer.head()?.get())
    #expect(head.status.code == 404)
    #expect(head.status.reasonPhrase == "Not Found")
    #expect(head.headerFields[.eTag] == "\"x\"")
  }

  @Test func interimHeadsAreNotTheAnswer() throws {
    var transfer = Self.transfer(head: ["HTTP/1.1 100 Continue\r\n", "X-Interim: 1\r\n", "\r\n"])
    #expect(transfer.head() == nil)
    for line in [
      "HTTP/1.1 103 Early Hints\r\n", "Link: </x>\r\n", "\r\n", "HTTP/2 201 \r\n", "A: 1\r\n", "\r\n",
    ] {
      transfer.receive(headerLine: Array(line.utf8))
    }
    let head = try #require(try transfer.head()?.get())
    #expect(head.status.code == 201)
    #expect(head.headerFields.map(\.name.rawName) == ["A"])
  }

  @Test func trailersDoNotChangeTheHead() throws {
    var transfer = Self.transfer()
    _ = Self.receive(1, &transfer)
    transfer.receive(headerLine: Array("X-Trailer: 1\r\n".utf8))
    transfer.receive(headerLine: Array("\r\n".utf8))
    #expect(try transfer.head()?.get().headerFields.isEmpty == true)
  }

  @Test func aFollowedRedirectIsNotTheAnswer() throws {
    var transfer = Self.transfer(
      head: ["HTTP/1.1 302 Found\r\n", "Location: /b\r\n", "\r\n"], followsRedirects: true)
    #expect(transfer.head() == nil)
    for line in ["HTTP/1.1 200 OK\r\n", "\r\n"] { transfer.receive(headerLine: Array(line.utf8)) }
    #expect(try Self.status(transfer) == 200)
  }

  @Test func aRedirectIsTheAnswerWhenNothingFollows() throws {
    var transfer = Self.transfer(head: ["HTTP/1.1 304 Not Modified\r\n", "\r\n"], followsRedirects: true)
    transfer.finish(nil)
    #expect(try Self.status(transfer) == 304)
  }

  @Test func receivingPausesAtTheHighMarkAndGoesOnAtTheLowOne() throws {
    var transfer = Self.transfer()
    #expect(Self.receive(60, &transfer) == .accept)
    #expect(Self.receive(60, &transfer) == .accept)
    #expect(Self.receive(60, &transfer) == .pause)
    #expect(transfer.isWaitingForUs)
    #expect(transfer.takeResumption() == [])
    #expect(try transfer.takeChunk()?.get()?.readableBytes == 60)
    #expect(transfer.takeResumption() == [])
    #expect(try transfer.takeChunk()?.get()?.readableBytes == 60)
    #expect(transfer.takeResumption() == .receive)
    #expect(transfer.takeResumption() == [])
    #expect(Self.receive(60, &transfer) == .accept)
  }

  @Test func bytesReceivedBeforeAFailureAreStillRead() throws {
    var transfer = Self.transfer()
    _ = Self.receive(5, &transfer)
    transfer.finish(TransportError(.truncatedBody, "cut"))
    #expect(try Self.status(transfer) == 200)
    #expect(try transfer.takeChunk()?.get()?.readableBytes == 5)
    #expect(throws: TransportError.self) { try transfer.takeChunk()?.get() }
  }

  @Test func aFailureBeforeTheHeadIsTheAnswer() {
    var transfer = Self.transfer(head: [])
    transfer.finish(TransportError(.connectionLost, "gone"))
    #expect(throws: TransportError.self) { try transfer.head()?.get() }
  }

  @Test(arguments: [
    ("HTTP/1.1 409 No\r\nContent-Length: 3\r\n\r\nabcdef", 409, "abc"),
    ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 No\r\n\r\nabc", 413, "abc"),
    ("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", 401, ""),
  ])
  func anAnswerLeftInTheSocketCountsMoreThanAFailureToSend(unread: String, status: Int, body: String) throws {
    var transfer = Self.transfer(head: [])
    transfer.finish(TransportError(.connectionLost, "reset"), unread: Array(unread.utf8))
    #expect(try Self.status(transfer) == status)
    if !body.isEmpty { #expect(try transfer.takeChunk()?.get() == ByteBuffer(string: body)) }
    #expect(try transfer.takeChunk()?.get() == nil)
  }

  @Test(arguments: [
    "", "\u{16}\u{03}", "HTTP/1.1 409 No\r\nContent", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.",
  ])
  func bytesThatAreNoAnswerLeaveTheFailure(unread: String) {
    var transfer = Self.transfer(head: [])
    transfer.finish(TransportError(.connectionLost, "reset"), unread: Array(unread.utf8))
    #expect(throws: TransportError.self) { try transfer.head()?.get() }
  }

  @Test func aCutAnswerLeftInTheSocketHasItsHeadAndThenFails() throws {
    var transfer = Self.transfer(head: [])
    let unread = Array("HTTP/1.1 409 No\r\nContent-Length: 9\r\n\r\nabc".utf8)
    transfer.finish(TransportError(.connectionLost, "reset"), unread: unread)
    #expect(try Self.status(transfer) == 409)
    #expect(try transfer.takeChunk()?.get() == ByteBuffer(string: "abc"))
    #expect(throws: TransportError.self) { try transfer.takeChunk()?.get() }
  }

  @Test func cancellingDropsWhatWasReceived() {
    var transfer = Self.transfer()
    _ = Self.receive(5, &transfer)
    transfer.finish(TransportError(.cancelled, "cancelled"))
    #expect(throws: TransportError.self) { try transfer.takeChunk()?.get() }
    #expect(Self.receive(5, &transfer) == .abort)
  }

  @Test(arguments: [
    (["HTTP/1.1 200 OK\r\n", "Content-Length: 1000\r\n", "\r\n"], true, false),
    (["HTTP/1.1 200 OK\r\n", "Content-Length: 10000000\r\n", "\r\n"], true, true),
    (["HTTP/1.1 200 OK\r\n", "\r\n"], true, true),
    (["HTTP/1.1 200 OK\r\n", "Content-Length: 10000000\r\n", "\r\n"], false, false),
    (["HTTP/1.1 304 Not Modified\r\n", "Content-Length: 10000000\r\n", "\r\n"], true, false),
  ])
  func onlyAShortRestIsReadForNobody(head: [String], expectsBody: Bool, mustBreakOff: Bool) {
    var transfer = Self.transfer(head: head, expectsBody: expectsBody)
    #expect(transfer.abandonBody() == mustBreakOff)
  }

  @Test func anAbandonedBodyNeverPauses() {
    var transfer = Self.transfer(head: ["HTTP/1.1 200 OK\r\n", "Content-Length: 1000\r\n", "\r\n"])
    for _ in 0..<3 { _ = Self.receive(60, &transfer) }
    #expect(transfer.abandonBody() == false)
    #expect(transfer.takeResumption() == .receive)
    #expect(Self.receive(600, &transfer) == .accept)
  }

  // MARK: - Upload

  static func read(_ count: Int, _ queue: inout UploadQueue) -> UploadQueue.Reading {
    var target = [UInt8](repeating: 0, count: count)
    return target.withUnsafeMutableBytes { queue.read(into: $0) }
  }

  static func chunk(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 1, count: count) }

  @Test func theProducerWaitsAtTheHighMark() {
    var queue = UploadQueue(size: nil, marks: Self.marks)
    #expect(queue.offer(Self.chunk(60)) == true)
    #expect(queue.offer(Self.chunk(60)) == false)
    #expect(Self.read(79, &queue) == .bytes(79))
    #expect(!queue.hasRoom)
    #expect(Self.read(1, &queue) == .bytes(1))
    #expect(queue.hasRoom)
  }

  @Test func anEmptyQueuePausesUntilThereAreBytes() {
    var queue = UploadQueue(size: nil, marks: Self.marks)
    #expect(Self.read(10, &queue) == .pause)
    #expect(queue.takeResumption() == false)
    _ = queue.offer(Self.chunk(1))
    #expect(queue.takeResumption() == true)
    #expect(queue.takeResumption() == false)
    #expect(Self.read(10, &queue) == .bytes(1))
    #expect(Self.read(10, &queue) == .pause)
    queue.end(nil)
    #expect(queue.takeResumption() == true)
    #expect(Self.read(10, &queue) == .end)
  }

  @Test(arguments: [1, 5])
  func aStreamOfAnotherLengthThanDeclaredFails(count: Int) {
    var queue = UploadQueue(size: 3, marks: Self.marks)
    _ = queue.offer(Self.chunk(count))
    queue.end(nil)
    #expect(Self.read(10, &queue) == .failed)
    #expect(queue.failure?.kind == .requestBody)
  }
}
