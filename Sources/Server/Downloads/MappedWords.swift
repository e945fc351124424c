import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Words of a file, in memory: what is stored here is in the file however the process ends, without a system call.
///
/// The kernel brings it to the disk in its own time, so a power cut may leave any mixture of old and new pages.
final class MappedWords: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Atomic<Int>>
  let count: Int

  private var bytes: Int { count * MemoryLayout<Int>.stride }

  /// Zeros without a file, which end with the process.
  ///
  /// - Returns: `nil` if there is not so much memory.
  init?(count: Int) {
    guard let pointer = Self.map(count, MAP_PRIVATE | Self.anonymous, -1) else { return nil }
    self.pointer = pointer
    self.count = count
  }

  /// Zeros in a new file, readable by its owner only, in place of what lies there.
  ///
  /// - Throws: `.system`; nothing is left at `path` then.
  init(count: Int, at path: String) throws(DownloadJournalDefect) {
    unlink(path)
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw .system("open", errno) }
    defer { close(descriptor) }
    do throws(DownloadJournalDefect) {
      try Self.reserve(count * MemoryLayout<Int>.stride, in: descriptor)
      guard let pointer = Self.map(count, MAP_SHARED, descriptor) else { throw .system("mmap", errno) }
      self.pointer = pointer
      self.count = count
    } catch {
      unlink(path)
      throw error
    }
  }

  deinit { munmap(pointer, bytes) }

  private static func map(_ count: Int, _ flags: Int32, _ descriptor: Int32) -> UnsafeMutablePointer<
    Atomic<Int>
  >? {
    let bytes = count * MemoryLayout<Int>.stride
    guard let address = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, descriptor, 0), address != MAP_FAILED
    else { return nil }
    // An atomic integer is the integer, and all zeros is one.
    return address.bindMemory(to: Atomic<Int>.self, capacity: count)
  }

  /// Takes the room on the disk now: a page that finds none when it is first written to would end the process (SIGBUS).
  private static func reserve(_ bytes: Int, in descriptor: Int32) throws(DownloadJournalDefect) {
    #if canImport(Glibc)
      var status = posix_fallocate(descriptor, 0, off_t(bytes))
      while status == EINTR { status = posix_fallocate(descriptor, 0, off_t(bytes)) }
      guard status == 0 else { throw .system("posix_fallocate", status) }
    #else
      let zeros = [UInt8](repeating: 0, count: bytes)
      guard write(descriptor, zeros, bytes) == bytes else { throw .system("write", errno) }
    #endif
  }

  #if canImport(Glibc)
    private static let anonymous = MAP_ANONYMOUS
  #else
    private static let anonymous = MAP_ANON
  #endif
}
