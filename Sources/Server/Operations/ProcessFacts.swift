import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the system says about this process, as Prometheus clients report it. Zero where it says nothing.
struct ProcessFacts {
  var residentBytes = 0
  var virtualBytes = 0
  var cpuSeconds = 0.0
  var openDescriptors = 0

  /// Looks now; a few reads from `/proc`, which block for microseconds.
  init() {
    let pages = Self.words("/proc/self/statm")
    let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    if pages.count > 1 {
      virtualBytes = (Int(pages[0]) ?? 0) * pageSize
      residentBytes = (Int(pages[1]) ?? 0) * pageSize
    }
    var usage = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage)
    cpuSeconds = Double(usage.tv_sec) + Double(usage.tv_nsec) * 1e-9
    openDescriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }

  private static func words(_ path: String) -> [Substring] {
    ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ")
  }
}
