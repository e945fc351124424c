import CondaArchive
import CondaTypes
import Foundation

/// A file in the temporary folder that goes when it is not used any more.
final class TemporaryFile: Sendable {
  let path: String

  init(_ bytes: [UInt8]) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "quetz-archive-\(UUID().uuidString)").path
    try Data(bytes).write(to: URL(filePath: path))
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Reads `bytes` as if they had been uploaded as `fileName`.
func read(
  _ bytes: [UInt8], as fileName: String, limits: ArtifactLimits = .init()
) throws -> ArtifactContents {
  let file = try TemporaryFile(bytes)
  return try ArtifactReader(limits: limits).read(fileAt: file.path, as: ArtifactName(parsing: fileName))
}

/// The code of the refusal; `nil` if the artifact is read.
func refusal(_ bytes: [UInt8], as fileName: String, limits: ArtifactLimits = .init()) throws -> String? {
  do {
    _ = try read(bytes, as: fileName, limits: limits)
    return nil
  } catch let error as ArchiveError {
    return error.code
  }
}
