/// The metadata files that a server reads. Each must be a regular file and stand in an artifact once at most.
enum InfoFile: String, CaseIterable {
  case index = "info/index.json"
  case about = "info/about.json"
  case runExports = "info/run_exports.json"
  case paths = "info/paths.json"
  case files = "info/files"
  case hasPrefix = "info/has_prefix"
  case link = "info/link.json"
  case recipe = "info/recipe/meta.yaml"
  case renderedRecipe = "info/recipe/rendered_recipe.yaml"
  case repodataRecord = "info/repodata_record.json"

  /// How large it may be.
  func maxSize(_ limits: ArtifactLimits) -> Int64 {
    switch self {
    case .paths, .files, .hasPrefix: limits.maxPathListSize
    case .index, .about, .runExports, .link, .recipe, .renderedRecipe, .repodataRecord: limits.maxInfoFileSize
    }
  }
}
