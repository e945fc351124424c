import Foundation

/// A name in a folder.
struct FolderEntry {
  /// Its bytes, as the file system has them.
  let name: [UInt8]
  /// Whether it is a folder, or a link to one.
  let isFolder: Bool

  /// All entries but `.` and `..`, in no order; none if there is no such folder. Blocks.
  static func all(in path: String) throws(BlobStoreError) -> [FolderEntry] {
    guard let folder = opendir(path) else {
      if errno == ENOENT || errno == ENOTDIR { return [] }
      throw BlobStoreError.failed("opendir", at: path)
    }
    defer { closedir(folder) }
    var entries: [FolderEntry] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
      if name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8) { continue }
      let isFolder = isFolder(type: Int(entry.pointee.d_type), name: name, in: path)
      entries.append(FolderEntry(name: name, isFolder: isFolder))
    }
    guard errno == 0 else { throw BlobStoreError.failed("readdir", at: path) }
    return entries
  }

  /// Some file systems do not say the type with the name, and links never tell: then the file is asked.
  private static func isFolder(type: Int, name: [UInt8], in path: String) -> Bool {
    guard type == Int(DT_UNKNOWN) || type == Int(DT_LNK) else { return type == Int(DT_DIR) }
    var facts = stat()
    let found = stat(path + "/" + String(decoding: name, as: UTF8.self), &facts)
    return found == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}
