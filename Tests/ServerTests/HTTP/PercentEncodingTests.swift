import Server
import Testing

@Suite struct PercentEncodingTests {
  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("a%20b", "a b"), ("%41%42", "AB"), ("%2f%2F", "//"), ("a+b", "a+b"),
    ("%2B", "+"),
    ("%21", "!"), ("%25", "%"), ("%2525", "%25"), ("%C3%A9", "é"), ("é", "é"), ("%F0%9F%90%8D", "🐍"),
    ("%00", "\0"),
  ])
  func decodesPaths(text: String, expected: String) {
    #expect(PercentEncoding.decode(text) == expected)
  }

  @Test func readsPlusAsSpaceInQueriesOnly() {
    #expect(PercentEncoding.decode("a+b%2Bc", plusIsSpace: true) == "a b+c")
    #expect(PercentEncoding.decode("a+b%2Bc") == "a+b+c")
  }

  @Test(arguments: [
    "%", "a%", "%2", "%zz", "%2z", "%z2", "% 2", "%+2", "%u0041", "%%41",
    "%ff", "%80", "%c3", "%c3%28", "%c0%ae", "%e0%80%ae", "%f0%80%80%ae", "%ed%a0%80", "%f4%90%80%80",
    "%fe%fe",
  ])
  func refusesMalformedEscapesAndBadUTF8(text: String) {
    #expect(PercentEncoding.decode(text) == nil)
  }

  @Test func decodesEveryByteOfASCII() {
    for byte in UInt8(0)..<128 {
      let hex = String(byte, radix: 16)
      let escaped = "%" + String(repeating: "0", count: 2 - hex.count) + hex
      #expect(PercentEncoding.decode(escaped)?.utf8.elementsEqual([byte]) == true)
      #expect(PercentEncoding.decode(escaped.uppercased())?.utf8.elementsEqual([byte]) == true)
    }
  }
}
