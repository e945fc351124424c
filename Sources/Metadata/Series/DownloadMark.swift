public import Foundation
internal import GRDB

/// How far the counts of a download journal have come into the database.
///
/// It is a setting, written in the transaction that adds the counts: whoever finds a journal after a crash sees which of
/// its counts are in the database, and which are not.
public struct DownloadMark: Hashable, Sendable {
  /// Which journal.
  public var journal: UUID
  /// How many times counts were taken from it.
  public var generation: Int

  /// All fields, in order.
  public init(journal: UUID, generation: Int) {
    self.journal = journal
    self.generation = generation
  }

  /// From one mark to the next.
  public struct Step: Hashable, Sendable {
    /// What the mark must be before; `nil` where there is none yet.
    public var from: DownloadMark?
    /// What it is afterwards.
    public var to: DownloadMark

    /// All fields, in order.
    public init(from: DownloadMark?, to: DownloadMark) {
      self.from = from
      self.to = to
    }
  }

  fileprivate static let setting = "downloadMark"

  fileprivate init?(text: String) {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let journal = UUID(uuidString: String(parts[0])), let generation = Int(parts[1])
    else { return nil }
    self.init(journal: journal, generation: generation)
  }

  fileprivate var text: String { "\(journal) \(generation)" }
}

extension MetadataStore {
  /// How far the counts of which journal are in the database; `nil` before the first journal.
  public func downloadMark() async throws(MetadataError) -> DownloadMark? {
    try await value(of: DownloadMark.setting).flatMap(DownloadMark.init(text:))
  }
}

extension Database {
  /// Moves the mark; a step can be taken once.
  func take(_ step: DownloadMark.Step) throws {
    guard try setting(DownloadMark.setting).flatMap(DownloadMark.init(text:)) == step.from else {
      throw MetadataError(.conflict(what: "downloadMark"), "these download counts were added already")
    }
    try set(DownloadMark.setting, to: step.to.text)
  }
}
