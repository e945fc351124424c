import CondaTypes
import Testing

@Suite struct MessagePackTests {
  static func encode(_ write: (inout MessagePack.Writer) -> Void) -> [UInt8] {
    var writer = MessagePack.Writer()
    write(&writer)
    return writer.bytes
  }

  @Test(
    arguments: [
      (0, [0x00]), (127, [0x7F]), (128, [0xCC, 0x80]), (255, [0xCC, 0xFF]), (256, [0xCD, 1, 0]),
      (65535, [0xCD, 0xFF, 0xFF]),
      (65536, [0xCE, 0, 1, 0, 0]), (4_294_967_295, [0xCE, 0xFF, 0xFF, 0xFF, 0xFF]),
      (4_294_967_296, [0xCF, 0, 0, 0, 1, 0, 0, 0, 0]),
      (Int64.max, [0xCF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), (-1, [0xFF]), (-32, [0xE0]),
      (-33, [0xD0, 0xDF]),
      (-128, [0xD0, 0x80]), (-129, [0xD1, 0xFF, 0x7F]), (-32768, [0xD1, 0x80, 0]),
      (-32769, [0xD2, 0xFF, 0xFF, 0x7F, 0xFF]),
      (-2_147_483_648, [0xD2, 0x80, 0, 0, 0]),
      (-2_147_483_649, [0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]),
      (Int64.min, [0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    ] as [(Int64, [UInt8])])
  func writesWholeNumbersInTheSmallestForm(value: Int64, bytes: [UInt8]) throws {
    #expect(Self.encode { $0.appendInt(value) } == bytes)
    #expect(try MessagePack.decode(bytes) == .integer(value))
  }

  @Test(
    arguments: [
      (0, [0xA0]), (31, [0xBF]), (32, [0xD9, 32]), (255, [0xD9, 255]), (256, [0xDA, 1, 0]),
      (65536, [0xDB, 0, 1, 0, 0]),
    ]
      as [(Int, [UInt8])])
  func writesText(count: Int, header: [UInt8]) throws {
    let text = String(repeating: "x", count: count)
    let bytes = Self.encode { $0.appendString(text) }
    #expect(bytes == header + text.utf8)
    #expect(try MessagePack.decode(bytes) == .string(text))
  }

  @Test(
    arguments: [(0, [0xC4, 0]), (32, [0xC4, 32]), (256, [0xC5, 1, 0]), (65536, [0xC6, 0, 1, 0, 0])]
      as [(Int, [UInt8])])
  func writesBinary(count: Int, header: [UInt8]) throws {
    let binary = [UInt8](repeating: 0xC1, count: count)
    let bytes = Self.encode { $0.appendBinary(binary) }
    #expect(bytes == header + binary)
    #expect(try MessagePack.decode(bytes) == .binary(binary))
  }

  @Test(
    arguments: [
      (0, [0x90], [0x80]), (15, [0x9F], [0x8F]), (16, [0xDC, 0, 16], [0xDE, 0, 16]),
      (65536, [0xDD, 0, 1, 0, 0], [0xDF, 0, 1, 0, 0]),
    ] as [(Int, [UInt8], [UInt8])])
  func writesContainers(count: Int, arrayHeader: [UInt8], mapHeader: [UInt8]) throws {
    #expect(Self.encode { $0.appendArrayHeader(count: count) } == arrayHeader)
    #expect(Self.encode { $0.appendMapHeader(count: count) } == mapHeader)
    let array = arrayHeader + Array(repeating: 0x01, count: count)
    #expect(try MessagePack.decode(array) == .array(Array(repeating: .integer(1), count: count)))
  }

  @Test func writesTheSimpleValues() throws {
    let bytes = Self.encode {
      $0.appendArrayHeader(count: 4)
      $0.appendNil()
      $0.appendBool(false)
      $0.appendBool(true)
      $0.appendDouble(-0.5)
    }
    #expect(bytes == [0x94, 0xC0, 0xC2, 0xC3, 0xCB, 0xBF, 0xE0, 0, 0, 0, 0, 0, 0])
    #expect(try MessagePack.decode(bytes) == .array([.null, .bool(false), .bool(true), .number(-0.5)]))
  }

  @Test func readsTheFormsItDoesNotWrite() throws {
    #expect(try MessagePack.decode([0xCA, 0x3F, 0x80, 0, 0]) == .number(1))
    #expect(try MessagePack.decode([0xCF] + Array(repeating: 0xFF, count: 8)) == .unsigned(.max))
    #expect(try MessagePack.decode([0xD4, 0xFF, 7]) == .extension(type: -1, [7]))
    #expect(try MessagePack.decode([0xC7, 2, 5, 8, 9]) == .extension(type: 5, [8, 9]))
    #expect(try MessagePack.decode([0x81, 0x01, 0xC0]) == .map([.init(key: .integer(1), value: .null)]))
  }

  @Test func sortsTheKeysOfJSONObjects() throws {
    let json = JSONValue.object([
      "b": .integer(1), "a": .object(["z": .null, "ä": .bool(true)]), "B": .array([.string("x")]),
    ])
    let value = try MessagePack.decode(Self.encode { $0.append(json) })
    #expect(value.keys == ["B", "a", "b"])
    #expect(value["a"]?.keys == ["z", "ä"])
  }

  @Test(
    arguments: [
      [], [0xC1], [0xA1], [0xA1, 0xFF], [0x91], [0x81, 0xA0], [0xC4, 5, 1], [0xDD, 0xFF, 0xFF, 0xFF, 0xFF],
      [0xDB, 0xFF, 0xFF, 0xFF, 0xFF],
      [0xCF, 0], [0x00, 0x00], [0xC9, 0xFF, 0xFF, 0xFF, 0xFF, 0],
    ] as [[UInt8]])
  func refusesDamagedBytes(bytes: [UInt8]) {
    #expect(throws: ParseError.self) { try MessagePack.decode(bytes) }
  }

  @Test func limitsDepth() throws {
    _ = try MessagePack.decode(Array(repeating: 0x91, count: 64) + [0xC0])
    #expect(throws: ParseError.self) { try MessagePack.decode(Array(repeating: 0x91, count: 65) + [0xC0]) }
  }

  @Test func survivesAnyBytes() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...12, using: &generator)
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = try? MessagePack.decode(bytes)
    }
  }
}
