import Foundation

/// Makes UTF-8 the current thread's character set: libarchive turns paths into the locale's, which is ASCII
/// at the start of a process, and would make `?` of everything else.
struct UTF8Locale {
  /// Made once, as it is read from a file of 350 KB; never changed, so all threads may use it.
  nonisolated(unsafe) private static let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
  private let previous: locale_t?

  /// Switches this thread. Without such a locale on the machine nothing changes.
  init() {
    previous = Self.locale.flatMap { uselocale($0) }
  }

  /// Switches back; on the same thread.
  func restore() {
    if Self.locale != nil { uselocale(previous) }
  }
}
