package import HTTPTypes
package import NIOCore

/// An answer that is given over and over: its head written out, and its bytes in memory or in an open file.
///
/// What a request gets from here must be what the router would have said; so both are made from the same headers.
package final class FastAnswer: Sendable {
  /// Where the bytes of the body are.
  package enum Body: Sendable {
    case memory(ByteBuffer)
    case file(OpenFile, size: Int64)

    /// The whole body, where it is short enough to be copied behind every head.
    var short: ByteBuffer? {
      if case .memory(let bytes) = self, bytes.readableBytes <= FileBody.smallFile { bytes } else { nil }
    }

    var size: Int {
      switch self {
      case .memory(let bytes): bytes.readableBytes
      case .file(_, let size): Int(size)
      }
    }

    /// A part of it, for the one event loop that uses it.
    func piece(_ range: Range<Int>) -> IOData {
      switch self {
      case .memory(let bytes):
        .byteBuffer(bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count) ?? .init())
      case .file(let file, _):
        .fileRegion(
          FileRegion(fileHandle: file.handle, readerIndex: range.lowerBound, endIndex: range.upperBound))
      }
    }
  }

  /// What an answer depends on, and thus when it ends.
  package struct Basis: Sendable {
    package let channelID: Int64
    package let changes: ChangeStamps.Channel
    /// Taken before anything of the answer was read.
    package let stamp: ChangeStamps.Stamp
    /// Whether it depends on the channel's derived files, or on which files there are.
    package let isDocument: Bool
    /// Whether only those may have it who may read the channel.
    package let isPrivate: Bool

    package var stands: Bool { changes.stands(since: stamp, isDocument: isDocument) }
  }

  /// Where requests with this answer are counted.
  package struct Meters: Sendable {
    let get: RequestMetrics.Series
    let head: RequestMetrics.Series
    /// Whole downloads; artifacts have one.
    let downloads: DownloadTally?
  }

  let basis: Basis
  let meters: Meters
  let status: Int
  /// Status line and fields, without `Date`, `X-Request-ID` and the empty line.
  let head: ByteBuffer
  /// The same for a 304.
  let notModifiedHead: ByteBuffer
  /// With its quotes; empty where there is none.
  let etag: [UInt8]
  let body: Body
  /// Whether the bytes are an artifact's, which may be fetched from a store elsewhere.
  let isArtifact: Bool

  /// - Parameters:
  ///   - headers: As the router sends them, with `Content-Length`.
  ///   - notModified: The headers of a 304.
  package init(
    basis: Basis, meters: Meters, status: HTTPResponse.Status, headers: HTTPFields, notModified: HTTPFields,
    body: Body, isArtifact: Bool
  ) {
    self.basis = basis
    self.meters = meters
    self.status = status.code
    head = Self.head(status, headers)
    notModifiedHead = Self.head(.notModified, notModified)
    etag = headers[.eTag].map { Array($0.utf8) } ?? []
    self.body = body
    self.isArtifact = isArtifact
  }

  static func head(_ status: HTTPResponse.Status, _ headers: HTTPFields) -> ByteBuffer {
    var head = ByteBuffer()
    head.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
    for field in headers { head.writeString("\(field.name.rawName): \(field.value)\r\n") }
    head.writeString("Server: quetz\r\n")
    return head
  }
}

/// A redirect that may be given again for a while.
package final class FastRedirect: Sendable {
  let basis: FastAnswer.Basis
  let meters: FastAnswer.Meters
  let head: ByteBuffer
  /// When a new URL has to be made.
  let end: NIODeadline

  package init(basis: FastAnswer.Basis, meters: FastAnswer.Meters, headers: HTTPFields, end: NIODeadline) {
    self.basis = basis
    self.meters = meters
    head = FastAnswer.head(.temporaryRedirect, headers)
    self.end = end
  }
}
