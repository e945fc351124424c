import CondaArchive
import CondaTypes
import Foundation
import Testing

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

/// Reads `bytes` as if they had been uploaded as `fileName`, from a file and from memory, which must make no difference.
func read(
  _ bytes: [UInt8], as fileName: String, limits: ArtifactLimits = .init()
) throws -> ArtifactContents {
  let file = try TemporaryFile(bytes)
  let (reader, name) = (ArtifactReader(limits: limits), try ArtifactName(parsing: fileName))
  let fromFile = Result { () throws(ArchiveError) in try reader.read(fileAt: file.path, as: name) }
  let fromMemory = bytes.withUnsafeBytes { bytes in
    Result { () throws(ArchiveError) in try reader.read(ArchiveSource(bytes), as: name) }
  }
  switch (fromFile, fromMemory) {
  case (.success(let one), .success(let other)): #expect(one == other)
  case (.failure(let one), .failure(let other)): #expect(one.code == other.code)
  default: Issue.record("of a file: \(fromFile), of memory: \(fromMemory)")
  }
  return try fromFile.get()
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
