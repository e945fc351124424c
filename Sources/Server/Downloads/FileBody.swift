import Backends
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix

/// Turns bytes of a store into a response body, by the cheapest way the store allows.
///
/// Small files are read once and leave with the head in one write; larger ones on local disk go by sendfile, in pieces
/// so that one slow disk does not hold an event loop; any other store streams its chunks.
struct FileBody: Sendable {
  /// Up to here a file is read into memory rather than sent by the kernel.
  static let smallFile: Int64 = 64 << 10
  /// Bytes per sendfile call.
  private static let piece: Int64 = 4 << 20

  let store: any BlobStore
  let key: BlobKey
  /// Bytes of the whole blob, as its row says.
  let size: Int64
  let threads: NIOThreadPool
  let connection: any Channel
  let logger: Logger

  /// The bytes of a range, opened.
  enum Content: Sendable {
    /// At most `smallFile` bytes, or those of an index that has no file yet.
    case memory(ByteBuffer)
    /// A file on local disk that holds the range.
    case file(OpenFile)
    /// A body that fetches them from a store elsewhere.
    case stream(ResponseBody)
  }

  /// - Throws: `BlobStoreError.notFound` if the blob is missing.
  func open(range: Range<Int64>) async throws -> Content {
    guard let local = store as? any LocalFileBlobStore else {
      let body = StreamedBody(
        store: store, key: key, size: size, eventLoop: connection.eventLoop, logger: logger)
      return .stream(try await body.make(range: range))
    }
    let path = local.localPath(of: key)
    if range.count <= Self.smallFile { return .memory(try await read(path, range)) }
    return .file(
      try await threads.runIfActive { try OpenFile(path: path, key: key, end: range.upperBound) })
  }

  /// The body that sends what was opened for the same range.
  func body(of content: Content, range: Range<Int64>) -> ResponseBody {
    switch content {
    case .memory(let buffer): ResponseBody(byteBuffer: buffer)
    case .file(let file): sendfile(file, range)
    case .stream(let body): body
    }
  }

  private func read(_ path: String, _ range: Range<Int64>) async throws -> ByteBuffer {
    try await threads.runIfActive {
      let file = try OpenFile(path: path, key: key, end: range.upperBound)
      return try file.read(range)
    }
  }

  /// Hummingbird's writer takes buffers only, so the file enters the pipeline one step lower, at the HTTP codec. The body
  /// runs after the head was submitted to the event loop, and submissions are in order.
  private func sendfile(_ file: OpenFile, _ range: Range<Int64>) -> ResponseBody {
    let connection = connection
    return ResponseBody(contentLength: range.count) { writer in
      var offset = range.lowerBound
      while offset < range.upperBound {
        let end = min(offset + Self.piece, range.upperBound)
        let start = offset
        try await connection.eventLoop.flatSubmit {
          Self.write(file, start..<end, to: connection)
        }.get()
        offset = end
      }
      withExtendedLifetime(file) {}
      try await writer.finish(nil)
    }
  }

  private static func write(
    _ file: OpenFile, _ range: Range<Int64>, to connection: any Channel
  ) -> EventLoopFuture<Void> {
    do {
      let codec = try connection.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
      let region = FileRegion(
        fileHandle: try file.duplicate(), readerIndex: Int(range.lowerBound), endIndex: Int(range.upperBound))
      let done = connection.eventLoop.makePromise(of: Void.self)
      codec.write(NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: done)
      codec.flush()
      return done.futureResult.always { _ in try? region.fileHandle.close() }
    } catch {
      return connection.eventLoop.makeFailedFuture(error)
    }
  }
}
