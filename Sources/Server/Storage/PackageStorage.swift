package import Backends
import Foundation
package import Logging

/// The store of the artifacts, as the configuration wants it, and what hangs on it: whether clients may fetch from it
/// themselves, and what has to be done before it is used.
package struct PackageStorage: Sendable {
  /// Where it is.
  package let place: StoragePlace
  package let store: any BlobStore
  /// `nil` where all bytes go through us.
  package let redirect: DownloadRedirect?
  /// Finds out whether the store can be used, and removes what earlier processes left half done.
  ///
  /// - Throws: `DeploymentError.storage`, a sentence that says what is wrong and what to do.
  package let prepare: @Sendable () async throws -> Void

  /// A store made elsewhere: by a test, say.
  package init(
    place: StoragePlace, store: any BlobStore, redirect: DownloadRedirect? = nil,
    prepare: @escaping @Sendable () async throws -> Void = {}
  ) {
    self.place = place
    self.store = store
    self.redirect = redirect
    self.prepare = prepare
  }

  /// The store of a place.
  ///
  /// - Parameters:
  ///   - localStore: How nginx sends local files, if it does.
  ///   - environment: Where S3 credentials may be found (`AWS_…`, `HOME`).
  package static func make(
    _ place: StoragePlace, deployment: Deployment, localStore: LocalStoreConfiguration? = nil,
    environment: [String: String], logger: Logger
  ) throws -> PackageStorage {
    if let s3 = place.s3 {
      return try S3Assembly(section: s3, environment: environment, logger: logger).packages()
    }
    return PackageStorage(
      place: place, store: try FileSystemStore(root: deployment.packagesFolder, durability: .powerLoss),
      redirect: localStore.flatMap { $0.redirect })
  }

  /// The same kind of store under a name of its own, which may be written to beside a running server.
  package static func forChecks(
    _ s3: S3SectionConfiguration?, deployment: Deployment, environment: [String: String], logger: Logger
  ) throws -> ChecksStorage {
    if let s3 { return try S3Assembly(section: s3, environment: environment, logger: logger).checks() }
    // Beside packages/, on the same file system; opening that folder itself would empty its uploads.
    let folder = deployment.root + "/check-storage-" + UUID().uuidString.lowercased()
    let storage = PackageStorage(
      place: StoragePlace(s3: nil), store: try FileSystemStore(root: folder, durability: .powerLoss))
    return ChecksStorage(storage: storage) { try FileManager.default.removeItem(atPath: folder) }
  }
}

/// A store to be checked, and how to remove what the checks leave.
package struct ChecksStorage: Sendable {
  package let storage: PackageStorage
  package let cleanUp: @Sendable () async throws -> Void
}

extension LocalStoreConfiguration {
  /// The redirect to nginx, if it is on.
  var redirect: DownloadRedirect? {
    guard redirectEnabled else { return nil }
    return DownloadRedirect(
      policy: RedirectPolicy(credentials: redirectCredentials),
      target: .secureLink(
        SecureLink(endpoint: redirectEndpoint, secret: redirectSecret, lifetime: redirectExpiration)))
  }
}
