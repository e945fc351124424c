import CMalloc
import Foundation

/// What the C library's allocator may keep of memory that was freed.
///
/// Left alone, glibc makes eight arenas per core, each with holes of its own, and raises the size from which blocks go
/// back to the system to that of the largest block ever freed. A server that has once made a large document then stays
/// as large as it was at that moment (decision 0051).
enum FreedMemory {
  /// From this many bytes on, a block goes back to the system when it is freed, as does the free end of an arena.
  private static let threshold: Int32 = 1 << 20

  /// Sets the bounds, before the process has other threads. glibc's own variables win.
  static func bound() {
    let environment = ProcessInfo.processInfo.environment
    guard !environment.keys.contains(where: { $0.hasPrefix("MALLOC_") || $0 == "GLIBC_TUNABLES" }) else {
      return
    }
    quetz_malloc_bound(Int32(max(2, ProcessInfo.processInfo.activeProcessorCount)), threshold)
  }
}
