import CondaTypes
import Foundation
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: [
    ("null", JSONValue.null), ("true", .bool(true)), (" false\n", .bool(false)), ("0", .integer(0)),
    ("-0", .integer(0)),
    ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1.5", .number(1.5)), ("1.0", .number(1)),
    ("1e3", .number(1000)), ("-1.25E-2", .number(-0.0125)), ("\"\"", .string("")), ("\"äö\"", .string("äö")),
    (#""\"\\\/\b\f\n\r\tA""#, .string("\"\\/\u{8}\u{c}\n\r\tA")),
    (#""\u00e9\u0000\ud83d\ude00\uABCD""#, .string("é\u{0}😀\u{ABCD}")),
    ("[]", .array([])), ("{}", .object([:])),
    ("[1, [2],{}]", .array([.integer(1), .array([.integer(2)]), .object([:])])),
    (#"{"a":1,"b":{"c":[null]}}"#, .object(["a": .integer(1), "b": .object(["c": .array([.null])])])),
    (#"{"a":1,"a":2}"#, .object(["a": .integer(2)])),
  ])
  func reads(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text.utf8) == value)
    #expect(try JSONValue(parsing: Data(text.utf8)) == value)
    #expect(try JSONValue(parsing: Array(text.utf8)) == value)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-Infinity", "-", "01", "1.", ".5", "+1", "1e",
    "1e400", "0x10", "1 2", "{",
    "[", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":1]", "\"",
    "\"\n\"", "\"\u{1}\"", #""\x""#,
    #""\u12""#, #""\u12g4""#, #""\u+123""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, #""\"#, "// a\n1",
    "\u{FEFF}1", "{}{}",
  ])
  func refuses(text: String) {
    #expect(throws: ParseError.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func refusesBytesThatAreNotUTF8() {
    #expect(throws: ParseError.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    #expect(throws: ParseError.self) { try JSONValue(parsing: [0x22, 0xED, 0xA0, 0x80, 0x22]) }
    #expect(throws: ParseError.self) { try JSONValue(parsing: [0xFF, 0xFE, 0x31, 0x00]) }
  }

  @Test func limitsDepth() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
    }
    _ = try JSONValue(parsing: nested(64))
    #expect(throws: ParseError.self) { try JSONValue(parsing: nested(65)) }
    #expect(throws: ParseError.self) { try JSONValue(parsing: nested(1_000_000)) }
  }

  @Test func saysWhereItIsWrong() {
    let error = #expect(throws: ParseError.self) { try JSONValue(parsing: #"{"a": 1, oops}"#.utf8) }
    #expect(error?.found == "oops} at offset 9")
    #expect(error?.expected == "a key in double quotes")
  }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 3)
    let alphabet = Array(#"{}[]",:\u0dtrue-1.5e "#.utf8) + [0x00, 0x80, 0xFF]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).compactMap { _ in
        alphabet.randomElement(using: &generator)
      }
      if let value = try? JSONValue(parsing: bytes) {
        #expect((try? JSONValue(parsing: value.canonicalText().utf8)) == value)
      }
    }
  }

  @Test func writesKeysInOrderOfTheirBytes() {
    let value = JSONValue.object([
      "b": .integer(1), "a": .array([.bool(true), .null]), "B": .number(0.5), "ä": .string("ü"),
      "\u{1F600}": .integer(2),
      "\u{FFFD}": .integer(3), "": .object([:]),
    ])
    #expect(value.canonicalText() == #"{"":{},"B":0.5,"a":[true,null],"b":1,"ä":"ü","�":3,"😀":2}"#)
  }

  @Test func escapesOnlyWhatMustBe() {
    let value = JSONValue.string("\"\\/\u{0}\u{1f}\n\r\t\u{8}\u{c}\u{7f}é\u{2028}")
    #expect(value.canonicalText() == "\"\\\"\\\\/\\u0000\\u001f\\n\\r\\t\\b\\f\u{7f}é\u{2028}\"")
  }

  @Test func writesPrettyForPeople() {
    let value = JSONValue.object([
      "a": .array([.integer(1), .integer(2)]), "b": .object([:]), "c": .array([]),
    ])
    #expect(
      value.canonicalText(pretty: true) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": []\n}")
  }

  @Test(arguments: [0.1, 1e21, .leastNonzeroMagnitude, 1.7976931348623157e308, -2.5])
  func numbersSurviveARoundTrip(number: Double) throws {
    #expect(try JSONValue(parsing: JSONValue.number(number).canonicalText().utf8) == .number(number))
  }

  @Test func aNumberThatJSONCannotSayIsNull() {
    #expect(JSONValue.number(.infinity).canonicalText() == "null")
  }

  @Test func givesAccessByKind() {
    let value = JSONValue.object(["s": .string("x"), "i": .integer(1), "b": .bool(true), "a": .array([])])
    #expect(value["s"]?.asString == "x" && value["i"]?.asInteger == 1 && value["b"]?.asBool == true)
    #expect(value["a"]?.asArray == [] && value.asObject?.count == 4)
    #expect(value["none"] == nil && JSONValue.null["s"] == nil && value["s"]?.asInteger == nil)
  }
}
