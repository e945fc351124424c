/// What a server wants to know of an artifact: the raw bytes of the files in `info/` that it understands.
///
/// Nothing is parsed here except what decides whether the artifact can be trusted as an archive; `CondaTypes`
/// does that.
public struct ArtifactContents: Sendable, Hashable {
  /// `info/index.json`; always present.
  public var indexJSON: [UInt8]
  /// `info/about.json`.
  public var aboutJSON: [UInt8]?
  /// `info/run_exports.json`.
  public var runExportsJSON: [UInt8]?
  /// `info/paths.json`.
  public var pathsJSON: [UInt8]?
  /// `info/files`: one path per line, the list that packages had before `paths.json`.
  public var files: [UInt8]?
  /// `info/has_prefix`: which files hold the build prefix, before `paths.json`.
  public var hasPrefix: [UInt8]?
  /// `info/link.json`: entry points and preferences of noarch packages.
  public var linkJSON: [UInt8]?
  /// The rendered recipe: `info/recipe/meta.yaml`, or `info/recipe/rendered_recipe.yaml` of newer tools.
  public var recipe: [UInt8]?
  /// Paths of the files and links outside `info/`, in archive order. Only filled when the artifact has
  /// neither `paths.json` nor `files`, and only for `.tar.bz2`: the `pkg-` member of a `.conda` is not
  /// expanded.
  public var paths: [String] = []
  /// Whether `info/repodata_record.json` is there; CEP 34 forbids it, installers write it.
  public var isRepodataRecordPresent = false

  /// Contents that have only the one file that every artifact has.
  public init(indexJSON: [UInt8]) {
    self.indexJSON = indexJSON
  }
}
