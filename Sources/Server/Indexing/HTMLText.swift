/// Text made safe for HTML: everything that comes from a package or a person goes through here.
struct HTMLText {
  private(set) var bytes: [UInt8] = []

  /// Markup of our own.
  mutating func markup(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Text from outside, for element content and quoted attributes.
  mutating func text(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      default: bytes.append(byte)
      }
    }
  }

  /// One segment of a relative URL, percent-encoded (RFC 3986 unreserved characters stay).
  mutating func pathSegment(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default:
        bytes += "%".utf8
        bytes += Array(String(byte >> 4, radix: 16, uppercase: true).utf8)
        bytes += Array(String(byte & 15, radix: 16, uppercase: true).utf8)
      }
    }
  }

  /// A link to an http(s) page; other schemes (`javascript:`) become plain text.
  mutating func link(_ url: String?, label: String) {
    guard let url, url.hasPrefix("https://") || url.hasPrefix("http://") else { return text(label) }
    markup("<a rel=\"noopener nofollow\" href=\"")
    text(url)
    markup("\">")
    text(label)
    markup("</a>")
  }

  /// Everything before a page's own content.
  mutating func beginPage(title: String) {
    markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
    markup("<meta name=\"viewport\" content=\"width=device-width\">\n<title>")
    text(title)
    markup("</title>\n<style>\nbody{font-family:sans-serif;margin:2em;max-width:80em}")
    markup(
      "table{border-collapse:collapse}td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ddd}")
    markup("td.n{text-align:right}code{font-size:80%}\n</style>\n</head>\n<body>\n<h1>")
    text(title)
    markup("</h1>\n")
  }

  mutating func endPage(updated: String, files: Int) {
    markup("<footer><p>Updated: ")
    text(updated)
    markup(" - Files: ")
    text(String(files))
    markup("</p></footer>\n</body>\n</html>\n")
  }
}
