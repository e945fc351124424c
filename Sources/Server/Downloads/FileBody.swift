import Backends
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Turns bytes of a store into a response body, by the cheapest way the store allows.
///
/// Small files are read once and leave with the head in one write; larger ones on local disk go by sendfile, in pieces
/// so that one slow disk does not hold an event loop; any other store streams its chunks.
struct FileBody: Sendable {
  /// Up to here a file is read into memory rather than sent by the kernel.
  private static let smallFile: Int64 = 64 << 10
  /// Bytes per sendfile call.
  private static let piece: Int64 = 4 << 20

  let store: any BlobStore
  let key: BlobKey
  /// Bytes of the whole blob, as its row says.
  let size: Int64
  let threads: NIOThreadPool
  let connection: any Channel
  let logger: Logger

  /// - Throws: `BlobStoreError.notFound` if the blob is missing.
  func make(range: Range<Int64>) async throws -> ResponseBody {
    guard let local = store as? any LocalFileBlobStore else {
      let body = StreamedBody(
        store: store, key: key, size: size, eventLoop: connection.eventLoop, logger: logger)
      return try await body.make(range: range)
    }
    let path = local.localPath(of: key)
    if range.count <= Self.smallFile { return ResponseBody(byteBuffer: try await read(path, range)) }
    let file = try await threads.runIfActive { try OpenFile(path: path, key: key, end: range.upperBound) }
    return sendfile(file, range)
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

/// A file opened for reading, closed with its last reference.
private final class OpenFile: Sendable {
  private let descriptor: Int32

  /// - Parameter end: How many bytes the file must have at least.
  init(path: String, key: BlobKey, end: Int64) throws {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let kind: BlobStoreError.Kind = errno == ENOENT ? .notFound : .unavailable
      throw BlobStoreError(
        kind, key: key, message: "cannot open the file: \(String(cString: strerror(errno)))")
    }
    // A sendfile beyond the end writes nothing, and the event loop would try again for ever.
    guard lseek(descriptor, 0, SEEK_END) >= end else {
      throw BlobStoreError(.damaged, key: key, message: "the file is shorter than its row says")
    }
  }

  deinit { close(descriptor) }

  /// NIO closes what it is given; the region gets a descriptor of its own.
  func duplicate() throws -> NIOFileHandle {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw IOError(errnoCode: errno, reason: "dup") }
    return NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: copy)
  }

  func read(_ range: Range<Int64>) throws -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: range.count)
    var offset = range.lowerBound
    while offset < range.upperBound {
      let wanted = Int(range.upperBound - offset)
      let position = offset
      let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { target in
        max(0, pread(descriptor, target.baseAddress, wanted, off_t(position)))
      }
      guard count > 0 else { throw IOError(errnoCode: EIO, reason: "the file is shorter than its row says") }
      offset += Int64(count)
    }
    return buffer
  }
}
