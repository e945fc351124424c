import Foundation

/// A local file that may be uploaded: it exists, is a regular file and has a package's suffix.
public struct UploadFile: Hashable, Sendable {
  /// As it was given.
  public let path: String
  /// The last part of the path: the artifact's name on the server.
  public let name: String
  /// Bytes.
  public let size: Int64

  /// What is wrong with a list of files, all of it.
  public struct Mistakes: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line each.
    public let lines: [String]
    /// The lines, one below the other.
    public var description: String { lines.joined(separator: "\n") }
  }

  private static let suffixes = [".conda", ".tar.bz2"]

  /// Checks files before anything is sent.
  ///
  /// - Throws: `Mistakes` with a line for every file that cannot be uploaded.
  public static func check(_ paths: [String]) throws(Mistakes) -> [UploadFile] {
    var files: [UploadFile] = []
    var mistakes: [String] = []
    var pathsByName: [String: String] = [:]
    for path in paths {
      do {
        let file = try UploadFile(path: path)
        if let earlier = pathsByName.updateValue(path, forKey: file.name) {
          mistakes.append("\(path): has the same name as \(earlier)")
        }
        files.append(file)
      } catch {
        mistakes += error.lines
      }
    }
    guard mistakes.isEmpty else { throw Mistakes(lines: mistakes) }
    return files
  }

  private init(path: String) throws(Mistakes) {
    let name = String(path.split(separator: "/").last ?? "")
    guard Self.suffixes.contains(where: { name.hasSuffix($0) && name.count > $0.count }) else {
      throw Mistakes(lines: ["\(path): not a package, expected a name that ends in .conda or .tar.bz2"])
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Mistakes(lines: ["\(path): \(String(cString: strerror(errno)))"])
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw Mistakes(lines: ["\(path): not a regular file"]) }
    guard access(path, R_OK) == 0 else {
      throw Mistakes(lines: ["\(path): \(String(cString: strerror(errno)))"])
    }
    self.path = path
    self.name = name
    size = Int64(status.st_size)
  }
}
