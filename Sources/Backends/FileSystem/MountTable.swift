import Foundation

/// The kinds of the mounted file systems, as Linux lists them in `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct MountTable {
  /// E.g. `ext4`, by the mount's ID.
  private let kinds: [Int: String]

  /// - Parameter text: One mount a line: `36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/root rw`.
  init(parsing text: [UInt8]) {
    let entries = text.split(separator: UInt8(ascii: "\n")).compactMap { line -> (Int, String)? in
      let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      // Between the options and the kind there is any number of optional fields, then a hyphen.
      guard let end = fields.firstIndex(of: "-"), end > 5, end + 1 < fields.count, let id = Int(fields[0])
      else { return nil }
      return (id, fields[end + 1])
    }
    kinds = Dictionary(entries) { first, _ in first }
  }

  /// The kind of the file system that a mount has; nil if that is not known.
  func kind(ofMount id: Int) -> String? { kinds[id] }
}

extension MountTable {
  /// The kinds on which an `fsync` of a new file brings the name that it was given before along.
  ///
  /// ext4 commits the journal's transaction, in which the name is; without a journal it writes the folder too
  /// (`ext4_sync_parent`). XFS forces its log, and btrfs logs the new name with the inode. POSIX promises none of it.
  private static let kindsThatSyncNames: Set<String> = ["ext4", "xfs", "btrfs"]

  /// Whether on the file system that has a folder, whoever syncs a new file has synced its name. Blocks.
  static func syncsNamesWithFiles(in folder: String) -> Bool {
    kind(at: folder).map(kindsThatSyncNames.contains) ?? false
  }

  /// The kind of the file system that a path lies on; nil where that cannot be told.
  ///
  /// The kernel is asked which mount an open file belongs to: paths do not tell, since mounts may hide others.
  static func kind(at path: String) -> String? {
    #if os(Linux)
      let descriptor = repeatedIfInterrupted { open(path, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      guard let facts = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8),
        let id = mountID(in: facts),
        let mounts = try? Data(contentsOf: URL(fileURLWithPath: "/proc/self/mountinfo"))
      else { return nil }
      return MountTable(parsing: [UInt8](mounts)).kind(ofMount: id)
    #else
      return nil
    #endif
  }

  /// - Parameter facts: What `/proc/self/fdinfo` says of a descriptor: lines such as `mnt_id:<tab>27`.
  static func mountID(in facts: String) -> Int? {
    let line = facts.split(separator: "\n").first { $0.hasPrefix("mnt_id:") }
    return line.flatMap { Int($0.dropFirst("mnt_id:".count).trimmingCharacters(in: .whitespaces)) }
  }
}
