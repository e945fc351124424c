/// Where artifacts lie: a bucket, or the deployment's own folder.
package struct StoragePlace: Sendable, CustomStringConvertible {
  /// `nil` for the deployment's folder.
  package let s3: S3SectionConfiguration?

  package init(s3: S3SectionConfiguration?) { self.s3 = s3 }

  /// For people, e.g. `https://s3.example.org, bucket quetz, packages/`; tells places apart.
  package var description: String {
    guard let s3 else { return "the deployment's folder" }
    return "\(s3.url), bucket \(s3.bucket), \(s3.keyPrefix)"
  }
}
