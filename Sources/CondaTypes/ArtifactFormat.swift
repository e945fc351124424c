/// The archive format of an artifact, named after its extension (CEP 35).
public enum ArtifactFormat: String, CaseIterable, Hashable, Sendable {
  /// A ZIP of zstd-compressed tars: `.conda`, called v2 in the standards.
  case conda = "conda"
  /// A bzip2-compressed tar: `.tar.bz2`, called v1.
  case tarBzip2 = "tar.bz2"

  /// The extension with its dot, e.g. `.conda`.
  public var fileExtension: String { ".\(rawValue)" }
}
