public import CondaTypes
public import Foundation
internal import GRDB

/// A subdir's repodata patch.
public struct PatchRow: Hashable, Sendable {
  /// E.g. `linux-64`.
  public var subdir: String
  /// 1, or 2 with run exports (CEP 21).
  public var version: Int64
  /// The patch package that it came from; nil if it was given as instructions.
  public var origin: String?
  /// When it was set.
  public var createdAt: Date
  /// Files that the instructions name.
  public var instructionCount: Int64
  /// Artifacts of the channel that they change.
  public var artifactCount: Int64
}

/// What a patch would change about one artifact, against what the index shows now.
public struct PatchDifference: Hashable, Sendable {
  /// E.g. `a-1.0-0.conda`.
  public var fileName: String
  /// Whether a patch keeps it out of the index now.
  public var wasRemoved: Bool
  /// Whether it would.
  public var isRemoved: Bool
  /// The members that differ, as they are; those that are not there are left out.
  public var before: [String: JSONValue]
  /// The members that differ, as they would be.
  public var after: [String: JSONValue]
}

/// What a patch would change.
public struct PatchPreview: Hashable, Sendable {
  /// By file name (bytes); the first ones, up to the limit that was asked for.
  public var differences: [PatchDifference]
  /// How many artifacts would differ.
  public var total: Int
  /// How many of the files that the instructions name the subdir does not have.
  public var unmatched: Int
}
