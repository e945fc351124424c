import CondaTypes
import Testing

@Suite struct ParseErrorTests {
  @Test func readsAsASentence() {
    let error = ParseError(subject: "package name", found: "X Y", expected: "no spaces")
    #expect("\(error)" == "package name 'X Y': expected no spaces")
  }

  @Test func escapesWhatCannotBeSeen() {
    let error = ParseError(subject: "package name", found: "a\u{0}\n\u{430}\u{202E}", expected: "")
    #expect(error.found == "a\\u{0}\\u{a}\\u{430}\\u{202e}")
  }

  @Test func shortensLongInput() {
    let error = ParseError(
      subject: "file name", found: String(repeating: "ab", count: 5000) + "end", expected: "")
    #expect(error.found.count < 100)
    #expect(error.found.hasSuffix("abend (10003 characters)"))
  }

  @Test(arguments: [0, 1, 79, 80, 81, 82]) func keepsShortInputWhole(length: Int) {
    let text = String(repeating: "x", count: length)
    #expect((ParseError(subject: "", found: text, expected: "").found == text) == (length <= 80))
  }
}
