package import Backends
import Foundation
import HTTPTypes
import NIOCore

/// The way by which clients fetch artifacts themselves, where a deployment has one.
package struct DownloadRedirect: Sendable {
  /// Who gives the bytes.
  package enum Target: Sendable {
    /// The bucket, by a presigned URL.
    case presigned(any PresigningBlobStore, lifetime: Duration)
    /// An nginx on our own disk, by a signed link.
    case secureLink(SecureLink)
  }

  /// What every redirect says: a cache that kept one would hand out a URL after its end, or hand it to a client whose
  /// key must not travel along.
  package static let cacheControl = "private, no-store"

  package let policy: RedirectPolicy
  package let target: Target
  /// A CDN in front of the bucket, with the keys' prefix, for what everybody may read.
  package let publicBase: String?

  package init(policy: RedirectPolicy, target: Target, publicBase: String? = nil) {
    self.policy = policy
    self.target = target
    self.publicBase = publicBase
  }

  /// For how long one URL may be given to several clients: a small part of its life, so that each has it for nearly all.
  var reusable: TimeAmount {
    switch target {
    case .presigned(_, let lifetime): .milliseconds(min(10_000, lifetime.components.seconds * 50))
    case .secureLink: .seconds(1)
    }
  }

  /// The URL to send a client to. Nothing is asked of the store: if the bytes are missing there, it says so.
  ///
  /// - Throws: `BlobStoreError.unavailable` if the store's credentials have to be fetched and cannot be.
  func location(of file: ServedFile, isPrivate: Bool, now: Date) async throws -> String {
    let key = try BlobLayout.key(for: file.sha256)
    if let publicBase, !isPrivate { return publicBase + key.value }
    switch target {
    case .presigned(let store, let lifetime):
      return try await store.presignedURL(
        for: key, method: .get, expiresIn: lifetime, responseFields: [:])
    case .secureLink(let link):
      return try link.url(for: key, now: now)
    }
  }
}
