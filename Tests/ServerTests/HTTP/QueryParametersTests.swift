import APITypes
import CondaTypes
import Testing

@testable import Server

@Suite struct QueryParametersTests {
  @Test(arguments: ["true", "True", "TRUE", "1", "on", "yes", "t", "y", "Y"])
  func readsTrue(word: String) throws {
    var query = QueryParameters("force=\(word)")
    let value = query.bool("force", default: false)
    #expect(value)
    try query.validate()
  }

  @Test(arguments: ["false", "False", "0", "off", "no", "f", "n", "N"])
  func readsFalse(word: String) throws {
    var query = QueryParameters("force=\(word)")
    let value = query.bool("force", default: true)
    #expect(!value)
    try query.validate()
  }

  @Test(arguments: ["", "maybe", "2", "truee", "%20true"])
  func refusesOtherWordsForABoolean(word: String) {
    var query = QueryParameters("force=\(word)")
    _ = query.bool("force", default: false)
    #expect(query.issues.map(\.type) == ["bool_parsing"])
    #expect(query.issues.first?.location == ["query", "force"])
  }

  @Test func collectsAllIssuesInUpstreamsWords() throws {
    var query = QueryParameters("limit=x&force=maybe")
    _ = query.integer("limit", default: 20)
    _ = query.bool("force", default: false)
    _ = query.required("sha256")
    #expect(
      query.issues.map(\.message) == [
        "Input should be a valid integer, unable to parse string as an integer",
        "Input should be a valid boolean, unable to interpret input", "Field required",
      ])
    let error = #expect(throws: APIError.self) { try query.validate() }
    #expect(error?.code == .validationFailed)
    #expect(error?.detail.asArray?.count == 3)
    #expect(error?.detail.asArray?.first?.keys == ["type", "loc", "msg", "input"])
  }

  @Test func takesDefaultsForWhatIsAbsent() throws {
    var query = QueryParameters(nil)
    #expect(query.text("q") == nil)
    let (flag, limit) = (query.bool("public", default: true), query.integer("limit", default: 20))
    #expect(flag)
    #expect(limit == 20)
    try query.validate()
  }

  @Test func takesAnEmptyTextForAbsent() {
    #expect(QueryParameters("q=").text("q") == nil)
    #expect(QueryParameters("q").text("q") == nil)
    #expect(QueryParameters("q=%20").text("q") == " ")
  }

  @Test func decodesKeysAndValues() {
    #expect(QueryParameters("q=a+b%26c").text("q") == "a b&c")
    #expect(QueryParameters("%71=x").text("q") == "x")
    #expect(QueryParameters("q=a=b").text("q") == "a=b")
  }

  @Test func takesTheLastOfRepeatedValues() {
    #expect(QueryParameters("q=a&q=b").text("q") == "b")
  }

  @Test(arguments: [
    "%7B%22a%22%3A1%7D", "&&&", "=", "=x", "%zz=1", "q=%zz", "a&b&c", "%7B%22q%22%3A%22x%22%7D=", "?",
  ])
  func toleratesGarbage(text: String) throws {
    var query = QueryParameters(text)
    #expect(query.text("q") == nil)
    let limit = query.integer("limit", default: 20)
    #expect(limit == 20)
    try query.validate()
  }

  @Test func pagesFromSkipAndLimit() {
    var none = QueryParameters("")
    let first = Paging(&none)
    #expect((first.skip, first.limit) == (0, 20))
    var query = QueryParameters("skip=5&limit=3")
    let second = Paging(&query)
    #expect((second.skip, second.rowLimit) == (5, 3))
    var negative = QueryParameters("skip=-5&limit=-1")
    let paging = Paging(&negative)
    #expect(paging.skip == 0)
    #expect(paging.limit == -1)
    #expect(paging.rowLimit == nil)
  }
}
