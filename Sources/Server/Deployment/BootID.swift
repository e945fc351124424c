import Foundation

/// What the kernel calls this run of the machine: another one after every reboot, the same in all its containers.
enum BootID {
  /// `nil` where the system has none.
  static var current: UUID? {
    guard let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else {
      return nil
    }
    return UUID(uuidString: text.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// The setting that says in which run of the machine all derived files were last known to be sound; empty if all of
  /// them are to be made again.
  static let settingName = "bootID"

  /// What the setting has if that is the present run.
  static var settingValue: String { current?.uuidString ?? "unknown" }
}
