import Foundation

/// A deployment's folder.
///
/// ```
/// DEPLOYMENT/
///   config.toml
///   quetz.sqlite   (where the configuration says; with -wal and -shm while running)
///   quetz.lock     who runs it
///   downloads.journal   download counts on their way into the database
///   packages/      the artifacts, under their digests
///   documents/     derived files, under their digests; may be deleted while stopped
///   spool/         uploads under way; emptied at start
///   building/      documents in the making; emptied at start
/// ```
package struct Deployment: Hashable, Sendable {
  /// Absolute, without a slash at its end.
  package let root: String

  package init(path: String) {
    let url = URL(fileURLWithPath: path).standardizedFileURL
    let path = url.path
    root = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  package var configFile: String { root + "/config.toml" }
  package var lockFile: String { root + "/quetz.lock" }
  package var downloadJournalFile: String { root + "/downloads.journal" }
  package var packagesFolder: String { root + "/packages" }
  package var documentsFolder: String { root + "/documents" }
  package var spoolFolder: String { root + "/spool" }
  package var buildingFolder: String { root + "/building" }

  /// The database file: the configured path, relative to the deployment.
  package func databaseFile(_ configuration: DatabaseConfiguration) -> String {
    configuration.path.hasPrefix("/")
      ? configuration.path : URL(fileURLWithPath: root + "/" + configuration.path).standardizedFileURL.path
  }

  /// Whether the folder holds a deployment: its `packages/` folder makes it one.
  package var exists: Bool { Self.isFolder(packagesFolder) }

  package static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }
}
