import Foundation

extension S3Store {
  /// The blobs whose keys begin with `prefix`, in order.
  ///
  /// Servers list in the order of object keys, or folder by folder; neither is the order of blob keys. So the
  /// bucket is walked like a tree: what has at most one page (1,000 objects) below it is listed with one request
  /// and sorted; anything larger is listed folder by folder. Memory grows with the largest folder, a few hundred
  /// bytes for each of its entries, and not with the bucket: digests spread over 256 folders.
  public func list(prefix: String) -> BlobListing {
    BlobListing(ObjectListing(store: self, prefix: prefix))
  }

  /// Asks for a page, again if need be.
  fileprivate func page(
    _ folder: String, delimiter: String?, after token: String?
  ) async throws(BlobStoreError) -> S3Client.Page {
    try await retry.run { () throws(BlobStoreError) in
      do throws(S3Failure) {
        return try await client.listObjects(prefix: folder, delimiter: delimiter, after: token)
      } catch {
        throw error.blobStoreError(nil, "listing the bucket")
      }
    }
  }

  /// The key of a blob whose object has a shortened name; `nil` if it is gone, or none of ours.
  fileprivate func key(ofShortened objectKey: String) async throws(BlobStoreError) -> BlobKey? {
    try await retry.run { () throws(BlobStoreError) in
      do throws(S3Failure) {
        let text = try await client.headObject(objectKey).blobKey
        guard let key = text.flatMap({ try? BlobKey($0) }) else { return nil }
        return names.isShortened(objectKey, of: key) ? key : nil
      } catch {
        if error.refusal?.kind == .noSuchKey { return nil }
        throw error.blobStoreError(nil, "asking for the key of an object with a shortened name")
      }
    }
  }
}

/// A walk over the bucket in the order of blob keys.
private struct ObjectListing: AsyncSequence, Sendable {
  typealias Element = BlobInfo
  typealias Failure = BlobStoreError

  let store: S3Store
  let prefix: String

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(store: store, prefix: prefix) }

  struct AsyncIterator: AsyncIteratorProtocol {
    /// What was seen and not yet given out.
    enum Entry {
      case blob(BlobInfo)
      /// What the keys of the objects in it begin with.
      case folder(String)
    }

    let store: S3Store
    let prefix: String
    var pending = KeyHeap<Entry>()
    var hasBegun = false

    init(store: S3Store, prefix: String) {
      self.store = store
      self.prefix = prefix
    }

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> BlobInfo? {
      if !hasBegun {
        hasBegun = true
        if let start = store.names.listingPrefix(for: prefix) { try await open(start, isolation: actor) }
      }
      while let entry = pending.popSmallest() {
        switch entry {
        case .blob(let info): return info
        case .folder(let folder): try await open(folder, isolation: actor)
        }
      }
      return nil
    }

    mutating func next() async throws(BlobStoreError) -> BlobInfo? {
      try await next(isolation: nil)
    }

    /// Adds what is in a folder: all of it if that is one page, else its objects and folders.
    private mutating func open(
      _ folder: String, isolation actor: isolated (any Actor)?
    ) async throws(BlobStoreError) {
      let flat = try await store.page(folder, delimiter: nil, after: nil)
      if flat.nextToken == nil { return try await add(flat.objects, isolation: actor) }
      var tokens: Set<String> = []
      var token: String?
      repeat {
        let page = try await store.page(folder, delimiter: "/", after: token)
        try await add(page.objects, isolation: actor)
        for name in page.folders { add(folder: name, in: folder) }
        token = page.nextToken
        if let token, !tokens.insert(token).inserted {
          throw BlobStoreError(
            .unexpected, message: "the bucket's listing goes in circles: a page leads to itself")
        }
      } while token != nil
    }

    private mutating func add(
      _ objects: [S3Client.Page.Object], isolation actor: isolated (any Actor)?
    ) async throws(BlobStoreError) {
      for object in objects {
        let key: BlobKey?
        switch store.names.meaning(of: object.key) {
        case .blob(let found): key = found
        case .shortened: key = try await store.key(ofShortened: object.key)
        case .foreign: key = nil
        }
        guard let key, key.hasPrefix(prefix) else { continue }
        let info = BlobInfo(key: key, size: object.size, modified: object.modified, etag: object.etag)
        pending.insert(.blob(info), smallestKey: Array(key.value.utf8))
      }
    }

    private mutating func add(folder name: String, in parent: String) {
      // A folder that is no smaller than its parent would be opened for ever.
      guard name.utf8.count > parent.utf8.count, name.utf8.starts(with: parent.utf8),
        let smallestKey = store.names.keyPrefix(ofFolder: name),
        smallestKey.starts(with: prefix.utf8) || prefix.utf8.starts(with: smallestKey)
      else { return }
      pending.insert(.folder(name), smallestKey: smallestKey)
    }
  }
}
