package import HTTPTypes

/// `[general]`
///
/// - `package_unpack_threads` (int, 2): archives read at the same time.
/// - `frontend_dir` (string, ""): accepted for old files; pages come with a later version.
/// - `redirect_http_to_https` (bool, false): accepted for old files; TLS is a reverse proxy's work.
/// - `client_address_header` (string, ""; ours): the header in which the proxy in front names the client, e.g. `X-Real-IP`;
///   its last entry counts. Empty: the connection's address, which no client can choose.
package struct GeneralConfiguration: Sendable {
  package var packageUnpackThreads: Int
  package var clientAddressHeader: HTTPField.Name?

  package init(reading reader: inout ConfigurationReader) {
    packageUnpackThreads = Int(
      reader.integer("general", "package_unpack_threads", default: 2, in: 1...256))
    let header = reader.string("general", "client_address_header", default: "")
    clientAddressHeader = HTTPField.Name(header)
    if !header.isEmpty, clientAddressHeader == nil {
      reader.report("general", "client_address_header", "found \"\(header)\", expected the name of a header")
    }
    _ = reader.string("general", "frontend_dir", default: "")
    _ = reader.bool("general", "redirect_http_to_https", default: false)
  }
}
