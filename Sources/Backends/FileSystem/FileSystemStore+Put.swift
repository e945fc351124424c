import Foundation
import NIOCore

extension FileSystemStore {
  /// Makes a blob's file and writes it; leaves nothing if that fails. Blocks.
  ///
  /// - Returns: False, having done nothing, if there is such a file or its folder is missing.
  func writeNewFile(_ bytes: ByteBuffer, at key: BlobKey) throws(BlobStoreError) -> Bool {
    let path = localPath(of: key)
    let descriptor = repeatedIfInterrupted {
      Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    }
    guard descriptor >= 0 else {
      if errno == EEXIST || errno == ENOENT { return false }
      throw BlobStoreError.failed("open", at: path, key: key)
    }
    defer { close(descriptor) }
    do {
      try AtomicWrite.write(bytes, to: descriptor, at: path, key: key)
    } catch {
      unlink(path)
      throw error
    }
    return true
  }

  /// Gives a finished file its name, by renaming if it lies on the same file system. Blocks.
  func move(_ source: String, as body: BlobBody, to key: BlobKey) throws(BlobStoreError) {
    let file = try open(source, for: key)
    let size = try file.info().size
    if let announced = body.size, announced != size {
      throw BlobStoreError(
        .digestMismatch, key: key, message: "\(announced) bytes announced, the file has \(size)")
    }
    if isDurable { try file.flush() }
    let path = BlobPath.relativePath(of: key)
    do {
      try folders.rename(source, to: path, key: key)
    } catch {
      guard (error.underlying as? SystemCallError)?.code == EXDEV else { throw error }
      try copy(source, as: body, to: key)
      // The bytes are stored; a file that cannot be removed is no reason to report otherwise.
      unlink(source)
      return
    }
    if isDurable { try folders.flush(StoreFolders.parent(of: path), key: key) }
  }

  /// Stores the bytes of a file that stays where it is. Blocks.
  func copy(_ source: String, as body: BlobBody, to key: BlobKey) throws(BlobStoreError) {
    let file = try open(source, for: key)
    let write = try AtomicWrite(of: body, at: key, in: folders)
    var offset: Int64 = 0
    while true {
      let block = try file.read(at: offset, length: FileChunks.blockSize)
      if block.readableBytes == 0 { break }
      try write.append(block)
      offset += Int64(block.readableBytes)
    }
    try write.commit(durably: isDurable)
  }

  /// Stores a stream, at the disk's pace: no more is asked of it than was written, apart from one batch.
  func put(
    _ stream: any AsyncSequence<ByteBuffer, any Error> & Sendable, as body: BlobBody, at key: BlobKey
  ) async throws(BlobStoreError) {
    let write = try await pool.run { () throws(BlobStoreError) in
      try AtomicWrite(of: body, at: key, in: folders)
    }
    do {
      try await append(stream, to: write, at: key)
      try await pool.run { () throws(BlobStoreError) in try write.commit(durably: isDurable) }
    } catch {
      await pool.run { write.abandon() }
      throw error
    }
  }

  /// Writes a stream's chunks, several at a time: a trip to the ``BlockingPool`` costs more than a write.
  private func append(
    _ stream: any AsyncSequence<ByteBuffer, any Error> & Sendable, to write: AtomicWrite, at key: BlobKey
  ) async throws(BlobStoreError) {
    var chunks = stream.makeAsyncIterator()
    var isAtEnd = false
    while !isAtEnd {
      var batch: [ByteBuffer] = []
      var batchSize = 0
      do {
        while batchSize < FileChunks.blockSize {
          try Task.checkCancellation()
          guard let chunk = try await chunks.next(isolation: nil) else {
            isAtEnd = true
            break
          }
          batch.append(chunk)
          batchSize += chunk.readableBytes
        }
      } catch {
        throw BlobStoreError(
          .unexpected, key: key, message: "the stream to store failed before its end", underlying: error)
      }
      let batchToWrite = batch
      try await pool.run { () throws(BlobStoreError) in
        for chunk in batchToWrite { try write.append(chunk) }
      }
    }
  }

  /// Opens a file to be stored. That it is missing is the caller's mistake, not a missing blob:
  /// `.unexpected`.
  private func open(_ source: String, for key: BlobKey) throws(BlobStoreError) -> OpenFile {
    do {
      let file = try OpenFile(source, key: key)
      _ = try file.info()
      return file
    } catch {
      guard error.kind == .notFound else { throw error }
      throw BlobStoreError(
        .unexpected, key: key, message: "the file to store is missing: \(error.message)", underlying: error)
    }
  }
}
