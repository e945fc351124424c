/// The moment at which one read must be over.
struct Deadline {
  private let limit: Duration
  private let end: ContinuousClock.Instant

  /// A deadline `limit` from now.
  init(after limit: Duration) {
    self.limit = limit
    end = .now + limit
  }

  /// Throws `.tookTooLong` once the moment has passed.
  func check() throws(ArchiveError) {
    guard ContinuousClock.Instant.now <= end else { throw .tookTooLong(limit: limit) }
  }
}
