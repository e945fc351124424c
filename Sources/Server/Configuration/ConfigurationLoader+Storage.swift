extension ConfigurationLoader {
  /// Loads nothing but where artifacts lie: for commands that look at a store other than the deployment's own.
  ///
  /// The file may be a whole `config.toml` or hold an `[s3]` section alone. The environment's `QUETZ_S3_…` belong to the
  /// deployment and do not count here.
  ///
  /// - Returns: `nil` if the file has no `[s3]` section: artifacts lie in the deployment's folder.
  package static func loadS3(
    toml text: String, fileName: String
  ) throws(ConfigurationError) -> S3SectionConfiguration? {
    var reader = ConfigurationReader(sections: try parse(text, fileName: fileName))
    let section = S3SectionConfiguration(reading: &reader)
    if !reader.problems.isEmpty { throw ConfigurationError(problems: reader.problems) }
    return section
  }
}
