/// `[general]`
///
/// - `package_unpack_threads` (int, 2): archives read at the same time.
/// - `frontend_dir` (string, ""): accepted for old files; pages come with a later version.
/// - `redirect_http_to_https` (bool, false): accepted for old files; TLS is a reverse proxy's work.
package struct GeneralConfiguration: Sendable {
  package var packageUnpackThreads: Int

  package init(reading reader: inout ConfigurationReader) {
    packageUnpackThreads = Int(
      reader.integer("general", "package_unpack_threads", default: 2, in: 1...256))
    _ = reader.string("general", "frontend_dir", default: "")
    _ = reader.bool("general", "redirect_http_to_https", default: false)
  }
}
