import Foundation

/// Files in a folder of their own, removed with this object.
final class TemporaryFiles: Sendable {
  let folder: String
  /// Sorted by name.
  let paths: [String]

  init(_ contents: [String: [UInt8]]) throws {
    let folder = NSTemporaryDirectory() + "client-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (name, bytes) in contents { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
    self.folder = folder
    paths = contents.keys.sorted().map { "\(folder)/\($0)" }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }
}
