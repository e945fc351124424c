/// A ``DirectoryListing`` as a sequence: each page is read off the cooperative threads when it is asked for.
struct DirectoryPages: AsyncSequence, Sendable {
  typealias Element = BlobInfo
  typealias Failure = BlobStoreError

  /// How many blobs are looked up at a time.
  static let pageSize = 256

  let root: String
  let prefix: String
  let pool: BlockingPool

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(listing: DirectoryListing(root: root, prefix: prefix), pool: pool)
  }

  struct AsyncIterator: AsyncIteratorProtocol {
    let listing: DirectoryListing
    let pool: BlockingPool
    var page: ArraySlice<BlobInfo> = []

    mutating func next(isolation actor: isolated (any Actor)?) async throws(BlobStoreError) -> BlobInfo? {
      if page.isEmpty {
        let listing = listing
        page = try await pool.run { () throws(BlobStoreError) in
          try listing.nextPage(limit: DirectoryPages.pageSize)
        }[...]
      }
      return page.popFirst()
    }

    mutating func next() async throws(BlobStoreError) -> BlobInfo? {
      try await next(isolation: nil)
    }
  }
}
