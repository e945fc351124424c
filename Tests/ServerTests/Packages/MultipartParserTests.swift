import NIOCore
import Testing

@testable import Server

@Suite struct MultipartParserTests {
  /// A form, and what a parser must find in it.
  struct Form: Sendable, CustomTestStringConvertible {
    let description: String
    let boundary: String
    let body: [UInt8]
    let parts: [Part]
    var testDescription: String { description }

    init(_ description: String, boundary: String = "B", _ body: String, _ parts: [Part]) {
      self.description = description
      self.boundary = boundary
      self.body = Array(body.utf8)
      self.parts = parts
    }
  }

  struct Part: Equatable, Sendable {
    var name: String
    var fileName: String?
    var bytes: [UInt8] = []

    init(_ name: String, _ fileName: String? = nil, _ text: String = "") {
      self.name = name
      self.fileName = fileName
      bytes = Array(text.utf8)
    }
  }

  private static let head = "Content-Disposition: form-data; name="
  private static let fileHead = "\(head)\"files\"; filename=\"a\"\r\nContent-Type: x/y\r\n\r\n"

  static let forms: [Form] = [
    Form("one file", "--B\r\n\(fileHead)bytes\r\n--B--\r\n", [Part("files", "a", "bytes")]),
    Form("no line break at the end", "--B\r\n\(fileHead)bytes\r\n--B--", [Part("files", "a", "bytes")]),
    Form("a file of no bytes", "--B\r\n\(fileHead)\r\n--B--\r\n", [Part("files", "a")]),
    Form("a part that ends at its blank line", "--B\r\n\(head)\"x\"\r\n\r\n--B--\r\n", [Part("x")]),
    Form(
      "two parts", "--B\r\n\(head)\"force\"\r\n\r\ntrue\r\n--B\r\n\(fileHead)12\r\n--B--\r\n",
      [Part("force", nil, "true"), Part("files", "a", "12")]),
    Form(
      "bytes that look like boundaries",
      "--B\r\n\(fileHead)\r\n--A--\r\n-\r\n--\r\n--\r\r\n\n--B \r\n--B--\r\n",
      [Part("files", "a", "\r\n--A--\r\n-\r\n--\r\n--\r\r\n\n--B ")]),
    Form(
      "line breaks only", "--B\r\n\(fileHead)\r\n\r\n\r\n\r\n--B--\r\n", [Part("files", "a", "\r\n\r\n\r\n")]),
    Form(
      "a preamble and an epilogue",
      "ignored --B\r\nalso\r\n--B\r\n\(fileHead)x\r\n--B--\r\nignored\r\n--B\r\n",
      [Part("files", "a", "x")]),
    Form("padding behind a boundary", "--B \t\r\n\(fileHead)x\r\n--B--\r\n", [Part("files", "a", "x")]),
    Form(
      "a boundary that repeats itself", boundary: "--a--a",
      "----a--a\r\n\(fileHead)--a--a\r\n----a--\r\n----a--a--",
      [Part("files", "a", "--a--a\r\n----a--")]),
    Form("no part", "--B--\r\n", []),
  ]

  @Test("finds the same parts however the form is cut in two", arguments: forms)
  func findsTheSamePartsInAllPairs(form: Form) throws {
    for cut in 0...form.body.count {
      #expect(
        try Self.parse(form, chunks: [form.body[..<cut], form.body[cut...]]) == form.parts, "cut at \(cut)")
    }
  }

  @Test("finds the same parts in three pieces and in pieces of any size", arguments: forms)
  func findsTheSamePartsInAllTriples(form: Form) throws {
    for first in 0...form.body.count {
      for second in first...form.body.count {
        let chunks = [form.body[..<first], form.body[first..<second], form.body[second...]]
        let parts = try Self.parse(form, chunks: chunks)
        guard parts == form.parts else {
          Issue.record("cut at \(first) and \(second): \(parts)")
          return
        }
      }
    }
    for size in 1...form.body.count {
      let chunks = stride(from: 0, to: form.body.count, by: size).map {
        form.body[$0..<min($0 + size, form.body.count)]
      }
      #expect(try Self.parse(form, chunks: chunks) == form.parts, "pieces of \(size)")
    }
  }

  @Test(arguments: forms)
  func aFormCutShortIsIncomplete(form: Form) throws {
    let closing = Array("--\(form.boundary)--".utf8)
    let end = try #require(
      (0...(form.body.count - closing.count)).first {
        Array(form.body[$0...].prefix(closing.count)) == closing
      })
    for cut in 0..<(end + closing.count) {
      var parser = MultipartParser(boundary: form.boundary)
      #expect(throws: MultipartParser.ParseError.truncated, "cut at \(cut)") {
        _ = try parser.feed(ByteBuffer(bytes: form.body[..<cut]))
        try parser.finish()
      }
    }
  }

  @Test func holdsBackNoMoreThanADelimiterOfAPart() throws {
    var parser = MultipartParser(boundary: "B")
    _ = try parser.feed(ByteBuffer(string: "--B\r\n\(Self.fileHead)"))
    let delimiter = "\r\n--B".utf8.count
    var sent = 0
    var received = 0
    for count in [1, 2, 3, 5, 100, 65_536, 1, 7] {
      sent += count
      for case .data(let bytes) in try parser.feed(ByteBuffer(repeating: 13, count: count)) {
        received += bytes.readableBytes
      }
      #expect(received <= sent)
      #expect(sent - received < delimiter + 2)
    }
  }

  @Test func headersAreLimited() throws {
    let filler = String(repeating: "x", count: MultipartParser.maxHeaderSize)
    for text in ["--B\r\nX: \(filler)", "--B\r\nX: \(filler)\r\n\r\n"] {
      var parser = MultipartParser(boundary: "B")
      #expect(throws: MultipartParser.ParseError.headersTooLong) {
        _ = try parser.feed(ByteBuffer(string: text))
        _ = try parser.feed(ByteBuffer(string: "xx"))
      }
    }
  }

  @Test(arguments: [
    "", "Content-Type: x/y\r\n", "Content-Disposition: form-data\r\n",
    "Content-Disposition: form-data; x=y\r\n",
  ])
  func aPartWithoutANameIsRefused(headers: String) throws {
    var parser = MultipartParser(boundary: "B")
    #expect(throws: MultipartParser.ParseError.noDisposition) {
      _ = try parser.feed(ByteBuffer(string: "--B\r\n\(headers)\r\nx\r\n--B--\r\n"))
    }
  }

  /// The parts found; the events must come in order.
  private static func parse(_ form: Form, chunks: [ArraySlice<UInt8>]) throws -> [Part] {
    var parser = MultipartParser(boundary: form.boundary)
    var parts: [Part] = []
    var (isOpen, isDone) = (false, false)
    for chunk in chunks {
      for event in try parser.feed(ByteBuffer(bytes: chunk)) {
        #expect(!isDone)
        switch event {
        case .part(let headers):
          #expect(!isOpen)
          isOpen = true
          parts.append(Part(headers.name, headers.fileName))
        case .data(let bytes):
          #expect(isOpen)
          parts[parts.count - 1].bytes += Array(bytes.readableBytesView)
        case .endOfPart:
          #expect(isOpen)
          isOpen = false
        case .endOfForm:
          #expect(!isOpen)
          isDone = true
        }
      }
    }
    try parser.finish()
    #expect(isDone)
    return parts
  }
}
