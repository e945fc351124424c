import CArchive
import Foundation

/// One of libarchive's readers: its memory, where its bytes come from, and its errors as ours.
final class LibArchive {
  /// What libarchive's functions take.
  let handle: OpaquePointer
  private let source: (any ByteSource)?
  private var sourceError: ArchiveError?

  /// A reader over `source`, or (with `nil`) over something that the caller opens.
  init(source: (any ByteSource)?) throws(ArchiveError) {
    guard let handle = archive_read_new() else { throw .unreadable(errno: ENOMEM) }
    self.handle = handle
    self.source = source
  }

  deinit {
    archive_read_free(handle)
  }

  /// Opens the source; the formats and filters are chosen before.
  func open() -> Int32 {
    archive_read_open(handle, Unmanaged.passUnretained(self).toOpaque(), nil, pullFromSource, nil)
  }

  /// Goes to the next entry; `nil` at the end.
  ///
  /// - Parameter toleratesWarnings: Whether a header may be odd, e.g. have an attribute unknown to libarchive.
  func nextHeader(
    toleratesWarnings: Bool, _ describe: (String) -> ArchiveError
  ) throws(ArchiveError) -> OpaquePointer? {
    // After a path that is not UTF-8 libarchive looks for ENOMEM in errno, which may be there from long ago.
    errno = 0
    var entry: OpaquePointer?
    let status = archive_read_next_header(handle, &entry)
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK || (toleratesWarnings && status == ARCHIVE_WARN), let entry else {
      throw failure(describe)
    }
    return entry
  }

  /// The error of the call that just failed: the source's own if it was the reason, else libarchive's words.
  func failure(_ describe: (String) -> ArchiveError) -> ArchiveError {
    if let sourceError { return sourceError }
    return describe(archive_error_string(handle).map { String(cString: $0) } ?? "cannot be read")
  }

  /// The next bytes of the current entry, and where in the entry they lie; `nil` at its end.
  func nextBlock(
    _ describe: (String) -> ArchiveError
  ) throws(ArchiveError) -> (bytes: UnsafeRawBufferPointer, offset: Int64)? {
    while true {
      var start: UnsafeRawPointer?
      var count = 0
      var offset: Int64 = 0
      switch archive_read_data_block(handle, &start, &count, &offset) {
      case ARCHIVE_OK where count == 0: continue
      case ARCHIVE_OK: return (UnsafeRawBufferPointer(start: start, count: count), offset)
      case ARCHIVE_EOF: return nil
      default: throw failure(describe)
      }
    }
  }

  /// The next bytes for libarchive; a thrown error is kept and surfaces in `failure`.
  fileprivate func pull(into buffer: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
    guard sourceError == nil, let source else { return -1 }
    do throws(ArchiveError) {
      let chunk = try source.next()
      buffer.pointee = chunk?.baseAddress
      return chunk?.count ?? 0
    } catch {
      sourceError = error
      return -1
    }
  }
}

/// libarchive asks for bytes.
private func pullFromSource(
  _ archive: OpaquePointer?, _ context: UnsafeMutableRawPointer?,
  _ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let context, let buffer else { return -1 }
  return Unmanaged<LibArchive>.fromOpaque(context).takeUnretainedValue().pull(into: buffer)
}
