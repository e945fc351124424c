import CondaArchive
package import CondaTypes
import Foundation
import Locks
package import NIOCore
package import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where the bytes of running uploads wait: one temporary file each, in the deployment's own file system, so that
/// the store can take it by renaming. What comes in one batch waits in memory.
package struct UploadSpool: Sendable {
  /// The folder, emptied at start: whatever lies there belongs to uploads that never ended.
  let folder: String
  let threads: NIOThreadPool

  package init(folder: String, threads: NIOThreadPool) throws {
    self.folder = folder
    self.threads = threads
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: folder) {
      try files.removeItem(atPath: folder + "/" + name)
    }
  }

  /// A new file for one upload, made when its first bytes come.
  package func newFile() throws -> SpooledFile {
    // Not a UUID, for which Foundation opens /dev/urandom. The file must not exist yet, so a repetition would be an error.
    try SpooledFile(
      path: "\(folder)/\(String(UInt64.random(in: .min ... .max), radix: 16))", threads: threads)
  }

  /// Makes sure that row, shard and shard index will fit too, so that nothing has to be taken back on a full
  /// disk: taking back a row needs room itself. Blocks.
  ///
  /// - Parameter size: Bytes of the package that are yet to be written.
  /// - Throws: `SpoolError` of a full disk if less than 4 MiB beside those are free.
  package func requireReserve(adding size: Int64) throws {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { throw SpoolError(errno: errno) }
    let free = UInt64(facts.f_bavail) * UInt64(facts.f_frsize)
    if free < 4 << 20 + UInt64(size) { throw SpoolError(errno: ENOSPC) }
  }

  /// How many files wait now.
  package func count() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: folder).count }
}

/// One upload's bytes on disk, or in memory if there are few, with their SHA-256 and MD5 computed on the way.
///
/// The file goes away with the object, unless a store took it by then. Appends come from one task, in order; each batch
/// is hashed and written in one hop to the thread pool, the first of which makes the file.
package final class SpooledFile: Sendable {
  /// What is known once all bytes are in. Keeps the file as long as it is kept itself.
  package struct Sealed: Sendable {
    /// Where the bytes are.
    package enum Bytes: Sendable {
      /// In memory: they came in one batch, for which no file was made.
      case memory(ByteBuffer)
      /// In the file at this path.
      case file(path: String)
    }

    package let bytes: Bytes
    package let size: Int64
    package let sha256: Digest
    package let md5: Digest
    fileprivate let file: SpooledFile

    /// Lets an archive reader have the bytes. Blocks.
    func read<Value>(
      _ body: (ArchiveSource) throws(ArchiveError) -> Value
    ) throws(ArchiveError) -> Value {
      switch bytes {
      case .file(let path): try body(ArchiveSource(path: path))
      case .memory(let buffer):
        try buffer.withUnsafeReadableBytes { bytes throws(ArchiveError) in try body(ArchiveSource(bytes)) }
      }
    }

    /// How many of them no file has.
    var bytesInMemory: Int64 {
      if case .memory = bytes { size } else { 0 }
    }

    /// Says that a store has renamed the file away.
    func noteTaken() { file.noteTaken() }
  }

  package let path: String
  private let threads: NIOThreadPool
  private let state: Guarded<State>

  /// The part that one hop at a time works on.
  private struct State: ~Copyable {
    var descriptor: Int32 = -1
    /// Whether there is a file that nobody else has taken.
    var isThere = false
    var size: Int64 = 0
    let sha256: StreamingDigest
    let md5: StreamingDigest
  }

  init(path: String, threads: NIOThreadPool) throws {
    self.path = path
    self.threads = threads
    state = Guarded(State(sha256: try StreamingDigest(.sha256), md5: try StreamingDigest(.md5)))
  }

  deinit {
    state.withLock { state in
      if state.descriptor >= 0 { close(state.descriptor) }
      if state.isThere { unlink(path) }
    }
  }

  fileprivate func noteTaken() { state.withLock { $0.isThere = false } }

  /// Bytes received so far.
  package var size: Int64 { state.withLock { $0.size } }

  /// Hashes and writes a batch.
  ///
  /// - Throws: `SpoolError`, e.g. for a full disk.
  package func append(_ buffer: ByteBuffer) async throws {
    try await threads.runIfActive { [self] in try appendNow(buffer) }
  }

  /// Hashes and writes the last batch, ends the file and runs `body`, all in one hop to the thread pool: every hop costs
  /// an upload of 20 KB as much as hashing it. The store syncs the file when it takes it.
  ///
  /// - Parameter mayStayInMemory: Whether bytes that are all in this batch are left there, so that the only file ever made of
  ///   them is the store's.
  package func seal<Value: Sendable>(
    after rest: ByteBuffer, mayStayInMemory: Bool, _ body: @escaping @Sendable (Sealed) throws -> Value
  ) async throws -> Value {
    try await threads.runIfActive { [self] in
      let isAll = state.withLock { $0.size == 0 }
      try appendNow(rest, makesFile: !(isAll && mayStayInMemory))
      return try body(sealNow(rest))
    }
  }

  private func appendNow(_ buffer: ByteBuffer, makesFile: Bool = true) throws {
    try buffer.withUnsafeReadableBytes { bytes in
      try state.withLock { state in
        state.sha256.update(bytes)
        state.md5.update(bytes)
        if makesFile {
          try makeFile(&state)
          try Self.writeAll(bytes, to: state.descriptor)
        }
        state.size += Int64(bytes.count)
      }
    }
  }

  private func makeFile(_ state: inout State) throws {
    if state.descriptor >= 0 { return }
    state.descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard state.descriptor >= 0 else { throw SpoolError(errno: errno) }
    state.isThere = true
  }

  /// - Parameter rest: The bytes, if there is no file.
  private func sealNow(_ rest: ByteBuffer) throws -> Sealed {
    try state.withLock { state in
      if state.isThere { close(state.descriptor) }
      state.descriptor = -1
      return Sealed(
        bytes: state.isThere ? .file(path: path) : .memory(rest), size: state.size,
        sha256: try state.sha256.finish(), md5: try state.md5.finish(), file: self)
    }
  }

  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw SpoolError(errno: errno)
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }
}

/// The spool could not take the bytes.
struct SpoolError: Error, CustomStringConvertible {
  let errno: Int32

  var isOutOfSpace: Bool { errno == ENOSPC || errno == EDQUOT }
  var description: String { "the upload spool failed: \(String(cString: strerror(errno)))" }
}
