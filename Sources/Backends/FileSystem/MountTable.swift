import Foundation

/// The mounted file systems, as Linux lists them in `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct MountTable {
  struct Mount: Equatable {
    /// E.g. `ext4`.
    let kind: String
    /// Major and minor number, e.g. `254:0`.
    let device: String
  }

  private let mounts: [Int: Mount]

  /// - Parameter text: One mount a line: `36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/root rw`.
  init(parsing text: [UInt8]) {
    let entries = text.split(separator: UInt8(ascii: "\n")).compactMap { line -> (Int, Mount)? in
      let fields = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
      // Between the options and the kind there is any number of optional fields, then a hyphen.
      guard let end = fields.firstIndex(of: "-"), end > 5, end + 1 < fields.count, let id = Int(fields[0])
      else { return nil }
      return (id, Mount(kind: fields[end + 1], device: fields[2]))
    }
    mounts = Dictionary(entries) { first, _ in first }
  }

  /// The mount with an ID; nil if it is not known.
  func mount(_ id: Int) -> Mount? { mounts[id] }
}

extension MountTable {
  /// Whether on the file system that has a folder, an `fsync` of a new file brings the name that it was given before along.
  /// Blocks.
  ///
  /// XFS forces its log, btrfs logs the new name with the inode, and ext4 without a journal writes the folder too
  /// (`ext4_sync_parent`). ext4 with a journal commits the transaction that has the name, but not with the feature
  /// `fast_commit`, of which nothing tells. POSIX promises none of it.
  static func syncsNamesWithFiles(in folder: String) -> Bool {
    guard let mount = mount(at: folder) else { return false }
    return switch mount.kind {
    case "xfs", "btrfs": true
    case "ext4": options(ofExt4On: mount.device).map(showNoJournal) ?? false
    default: false
    }
  }

  /// What ext4 says in `/proc/fs/ext4/<name>/options`, one option a line; nil where it cannot be asked.
  private static func options(ofExt4On device: String) -> String? {
    guard let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/sys/dev/block/\(device)"),
      let name = link.split(separator: "/").last
    else { return nil }
    return try? String(contentsOfFile: "/proc/fs/ext4/\(name)/options", encoding: .utf8)
  }

  /// With a journal there always is `data=ordered` or the like.
  static func showNoJournal(_ options: String) -> Bool {
    let lines = options.split(separator: "\n")
    return lines.count > 1 && !lines.contains { $0.hasPrefix("data=") }
  }

  /// The mount that a path lies on; nil where that cannot be told.
  ///
  /// The kernel is asked which mount an open file belongs to: paths do not tell, since mounts may hide others.
  static func mount(at path: String) -> Mount? {
    #if os(Linux)
      let descriptor = repeatedIfInterrupted { open(path, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0 else { return nil }
      defer { close(descriptor) }
      guard let facts = try? String(contentsOfFile: "/proc/self/fdinfo/\(descriptor)", encoding: .utf8),
        let id = mountID(in: facts),
        let mounts = try? Data(contentsOf: URL(fileURLWithPath: "/proc/self/mountinfo"))
      else { return nil }
      return MountTable(parsing: [UInt8](mounts)).mount(id)
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
