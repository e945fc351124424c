import Foundation
internal import GRDB

/// Whose addresses are about to lose their bytes.
enum FormerFiles {
  /// One artifact.
  case artifact(id: UUID)
  /// All artifacts of a package.
  case package(id: Int64)
  /// All artifacts of a channel.
  case channel(id: Int64)
}

extension Database {
  /// Remembers addresses whose bytes are about to go or change, by the channel's name: a channel made again under the
  /// same name serves the same addresses.
  func remember(_ files: FormerFiles) throws {
    let insert = """
      INSERT OR IGNORE INTO formerFile (channelName, subdir, fileName)
      SELECT channel.name, artifact.subdir, artifact.fileName FROM artifact
      JOIN channel ON channel.id = artifact.channelID
      """
    switch files {
    case .artifact(let id): try run("\(insert) WHERE artifact.id = ?", [id])
    case .package(let id): try run("\(insert) WHERE artifact.packageID = ?", [id])
    case .channel(let id): try run("\(insert) WHERE artifact.channelID = ?", [id])
    }
  }
}
