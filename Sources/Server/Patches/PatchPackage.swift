import APITypes
import CondaArchive
import CondaTypes
import Hummingbird

/// Reads an uploaded patch package: an artifact with `<subdir>/patch_instructions.json` among its own files.
struct PatchPackage: Sendable {
  let services: Services

  /// The instructions by subdir.
  ///
  /// - Throws: 400 for a broken archive, 413 for one over `uploads.max_size`, 422 for one without instructions or with
  ///   wrong ones.
  func read(_ request: Request, as name: ArtifactName) async throws -> [String: PatchInstructions?] {
    var receiver = try UploadReceiver(spool: services.spool, maxSize: services.configuration.uploads.maxSize)
    do {
      for try await chunk in request.body { try await receiver.receive(chunk) }
    } catch {
      throw UploadController.readError(error)
    }
    defer { withExtendedLifetime(receiver.file) {} }
    do {
      return try await receiver.finish(mayStayInMemory: true) { file in
        let files = try file.read { source throws(ArchiveError) in
          try PatchPackageReader().read(source, as: name)
        }
        return try Self.parse(files)
      }
    } catch let error as ArchiveError {
      if case .unreadable(let number) = error { throw SpoolError(errno: number) }
      throw APIError(.invalidArchive, "\(name.fileName) is not a readable package: \(error)")
    }
  }

  private static func parse(_ files: [String: [UInt8]]) throws -> [String: PatchInstructions?] {
    guard !files.isEmpty else {
      throw APIError(.invalidPatch, "the package has no <subdir>/\(PatchInstructions.file)")
    }
    var patches: [String: PatchInstructions?] = [:]
    for (folder, bytes) in files {
      guard (try? Subdir(parsing: folder)) != nil else {
        let shown = ArtifactValidation.printable(folder)
        throw APIError(.invalidPatch, "the package has instructions for \(shown), which is no subdir")
      }
      patches[folder] = .some(try PatchController.parse(bytes, in: "\(folder)/\(PatchInstructions.file)"))
    }
    return patches
  }
}
