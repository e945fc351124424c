package import Foundation

/// An API key that was found good, and the channels that it was allowed to read; true until anything about users, keys
/// or members changes.
package struct KnownKey: Sendable {
  package let id: UUID
  /// When it ends by itself; `nil` if never.
  package let end: Date?
  /// `MetadataStore.accessCount` from before it was looked up.
  package let accessCount: Int
  package var channels: Set<Int64>

  package init(id: UUID, end: Date?, accessCount: Int, channels: Set<Int64>) {
    self.id = id
    self.end = end
    self.accessCount = accessCount
    self.channels = channels
  }
}
