import HTTPTypes
import Hummingbird

/// What every HTML page is sent with, whoever made it: no script from elsewhere, no frame, no Referer with a key in it.
enum PageHeaders {
  static func add(to response: inout Response) {
    guard response.headers[.contentType]?.hasPrefix("text/html") == true else { return }
    if response.headers[.contentSecurityPolicy] == nil {
      response.headers[.contentSecurityPolicy] =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    }
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[.referrerPolicy] = "no-referrer"
    response.headers[.frameOptions] = "DENY"
  }
}
