import Foundation

/// Makes UTF-8 the current thread's character set: libarchive turns paths into the locale's, which is ASCII
/// at the start of a process, and would make `?` of everything else.
struct UTF8Locale {
  private let locale: locale_t?
  private let previous: locale_t?

  /// Switches this thread. Without such a locale on the machine nothing changes.
  init() {
    locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil)
    previous = locale.flatMap { uselocale($0) }
  }

  /// Switches back; on the same thread.
  func restore() {
    guard let locale else { return }
    uselocale(previous)
    freelocale(locale)
  }
}
