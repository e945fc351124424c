import Testing

@testable import Server

@Suite struct MultipartHeadersTests {
  static let good: [(text: String, name: String, fileName: String?)] = [
    ("Content-Disposition: form-data; name=\"files\"; filename=\"a-1.0-0.conda\"", "files", "a-1.0-0.conda"),
    ("content-disposition:form-data;name=files;filename=a", "files", "a"),
    ("CONTENT-DISPOSITION: FORM-DATA; NAME=\"x\"; FileName=\"y\"", "x", "y"),
    ("Content-Type: x/y\r\nContent-Disposition: form-data; name=\"x\"\r\nX-Other: z", "x", nil),
    ("Content-Disposition: form-data ; filename = \"y\" ; name = \"x\" ;", "x", "y"),
    ("Content-Disposition: form-data; name=\"a;b=c\"; filename=\"d; name=e\"", "a;b=c", "d; name=e"),
    (#"Content-Disposition: form-data; name="a\"b"; filename="c\\d\e""#, "a\"b", #"c\d\e"#),
    ("Content-Disposition: form-data; name=\"a%22b\"; filename=\"%22\"", "a\"b", "\""),
    ("Content-Disposition: form-data; name=\"x\"; filename=\"\"", "x", ""),
    (
      "Content-Disposition: form-data; name=\"x\"; filename=\"a\"; filename*=UTF-8''b%20c%C3%BC", "x",
      "b c\u{fc}"
    ),
    ("Content-Disposition: form-data; name=\"x\"; filename*=utf-8'en'b", "x", "b"),
    // Other character sets and broken escapes: the plain name counts.
    ("Content-Disposition: form-data; name=\"x\"; filename=\"a\"; filename*=iso-8859-1''b", "x", "a"),
    ("Content-Disposition: form-data; name=\"x\"; filename=\"a\"; filename*=UTF-8''%ff", "x", "a"),
    ("Content-Disposition: form-data; name=\"x\"; filename=\"a\"; filename*=nonsense", "x", "a"),
    ("Content-Disposition: form-data; name=\"x\"; filename=\"unclosed", "x", "unclosed"),
    ("Content-Disposition: form-data; name=\"x\"; filename=\"\u{fc}\u{0}\"", "x", "\u{fc}\u{0}"),
  ]

  @Test(arguments: good)
  func readsTheNames(text: String, name: String, fileName: String?) throws {
    let headers = try #require(MultipartHeaders(parsing: text))
    #expect(headers.name == name)
    #expect(headers.fileName == fileName)
  }

  @Test(arguments: [
    "", "\r\n", "Content-Type: x/y", "Content-Disposition: form-data", "Content-Disposition:",
    "Content-Disposition: form-data; filename=\"a\"", "X-Content-Disposition: form-data; name=\"x\"",
    "Content-Disposition: name=\"x\"",
  ])
  func withoutANameThereIsNoPart(text: String) {
    #expect(MultipartHeaders(parsing: text) == nil)
  }
}
