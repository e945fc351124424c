import Foundation

/// The file systems that this process sees, as Linux lists them in `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct MountTable {
  private struct Mount {
    let point: String
    let kind: String
  }

  private let mounts: [Mount]

  /// - Parameter text: One mount a line: `36 35 98:0 / /mnt rw,noatime master:1 - ext4 /dev/root rw`, in the order of mounting.
  init(parsing text: String) {
    mounts = text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      // Between the options and the kind there is any number of optional fields, then a hyphen.
      guard let end = fields.firstIndex(of: "-"), end > 4, end + 1 < fields.count else { return nil }
      return Mount(point: Self.unescape(fields[4]), kind: String(fields[end + 1]))
    }
  }

  /// The mounts of now; none where they cannot be told. Blocks.
  static func current() -> MountTable {
    MountTable(parsing: (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "")
  }

  /// The kind of the file system that an absolute path without links lies on, e.g. `ext4`; nil if that is not known.
  func kind(at path: String) -> String? {
    let covering = mounts.filter { Self.isInside(path, $0.point) }
    let longest = covering.map(\.point.utf8.count).max()
    // A later mount at the same place hides the former.
    return covering.last { $0.point.utf8.count == longest }?.kind
  }

  private static func isInside(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }

  /// Space, tab, newline and backslash are written as a backslash and three octal digits.
  private static func unescape(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = field.utf8[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3, let code = UInt8(String(Substring(digits)), radix: 8)
      {
        bytes.append(code)
        rest.removeFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension MountTable {
  /// The kinds on which an `fsync` of a new file brings the name that it was given before along.
  ///
  /// ext4 commits the journal's transaction, in which the name is; without a journal it writes the folder too
  /// (`ext4_sync_parent`). XFS forces its log, and btrfs logs the new name with the inode. POSIX promises none of it.
  private static let kindsThatSyncNames: Set<String> = ["ext4", "xfs", "btrfs"]

  /// Whether on the file system at `path` whoever syncs a new file has synced its name.
  func syncsNamesWithFiles(at path: String) -> Bool {
    kind(at: path).map(Self.kindsThatSyncNames.contains) ?? false
  }
}
