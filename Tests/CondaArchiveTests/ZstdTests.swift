import TestSupport
import Testing

@testable import CondaArchive

@Suite struct ZstdTests {
  static let inputs: [[UInt8]] = [
    [], [1], Array("hello hello hello".utf8), [UInt8](repeating: 0, count: 1 << 20),
    PackageBuilder.randomBytes(count: 300_001, seed: 3), [UInt8](repeating: 7, count: 128 << 10),
    [UInt8](repeating: 7, count: 256 << 10),
  ]

  @Test(arguments: inputs.indices, [-1, 1, 3, 19])
  func givesBackWhatWasCompressed(index: Int, level: Int) throws {
    let input = Self.inputs[index]
    let frame = try ZstdCompression.compress(input, level: level)
    #expect(try ZstdCompression.decompress(frame, limit: input.count) == input)
    #expect(try ZstdCompression.compress(input, level: level) == frame)
  }

  @Test(arguments: inputs.indices, [1, 1000, 200_000])
  func streamsInChunksOfAnySize(index: Int, chunk: Int) throws {
    let input = Self.inputs[index]
    let chunk = max(chunk, input.count / 500)
    var frame: [UInt8] = []
    let encoder = try ZstdEncoder(level: 3, pledgedSize: Int64(input.count)) { frame += $0 }
    for start in stride(from: 0, to: input.count, by: chunk) {
      try encoder.write(Array(input[start..<min(input.count, start + chunk)]))
    }
    try encoder.finish()
    #expect(try ZstdCompression.decompress(frame, limit: input.count) == input)

    var output: [UInt8] = []
    let decoder = try ZstdDecoder(limit: Int64(input.count)) { output += $0 }
    for start in stride(from: 0, to: frame.count, by: chunk) {
      try decoder.write(Array(frame[start..<min(frame.count, start + chunk)]))
    }
    try decoder.finish()
    #expect(output == input)
  }

  /// Frame header descriptor, bits 6-7 and 5: a frame declares its size if either is set (RFC 8878 §3.1.1.1).
  @Test func declaresTheContentSizeWhenItIsKnown() throws {
    let input = [UInt8](repeating: 1, count: 100_000)
    var pledged: [UInt8] = []
    var open: [UInt8] = []
    for (size, append) in [
      (Int64(input.count), { (bytes: UnsafeRawBufferPointer) in pledged += bytes }), (nil, { open += $0 }),
    ] {
      let encoder = try ZstdEncoder(level: 3, pledgedSize: size, output: append)
      try encoder.write(Array(input[..<50_000]))
      try encoder.write(Array(input[50_000...]))
      try encoder.finish()
    }
    #expect(pledged[4] & 0xe0 != 0)
    #expect(open[4] & 0xe0 == 0)
    #expect(try ZstdCompression.compress(input, level: 3)[4] & 0xe0 != 0)
  }

  /// Below and above what is held back until the size is known (512 KiB).
  @Test(arguments: [0, 1, 300, 524_288, 524_289, 3 << 20], [0, 1])
  func declaresASizeThatIsKnownAtTheEndOnly(size: Int, workers: Int) throws {
    let input = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    var frame: [UInt8] = []
    let encoder = try ZstdEncoder(level: 3, workers: workers) { frame += $0 }
    for start in stride(from: 0, to: size, by: 100_000) {
      try encoder.write(Array(input[start..<min(size, start + 100_000)]))
    }
    let beginning = try encoder.finish()
    frame.replaceSubrange(0..<beginning.count, with: beginning)
    #expect(frame[4] & 0xe0 != 0)
    #expect(try ZstdCompression.decompress(frame, limit: size) == input)
  }

  @Test func refusesAnotherSizeThanPledged() throws {
    let short = try ZstdEncoder(level: 3, pledgedSize: 10) { _ in }
    try short.write([1, 2, 3])
    #expect(throws: ZstdError.self) { try short.finish() }
    let long = try ZstdEncoder(level: 3, pledgedSize: 2) { _ in }
    #expect(throws: ZstdError.self) {
      try long.write([1, 2, 3])
      try long.finish()
    }
  }

  @Test func refusesDamagedCutAndEndlessData() throws {
    let frame = try ZstdCompression.compress(Array("hello hello hello hello hello".utf8), level: 3)
    for length in 0..<frame.count {
      #expect(throws: ZstdError.truncated) {
        try ZstdCompression.decompress(Array(frame[..<length]), limit: 1000)
      }
    }
    #expect(throws: ZstdError.self) { try ZstdCompression.decompress(frame + [1, 2, 3, 4, 5], limit: 1000) }
    #expect(throws: ZstdError.self) {
      try ZstdCompression.decompress(Array("not zstd at all".utf8), limit: 1000)
    }
    #expect(throws: ZstdError.tooLarge(limit: 28)) { try ZstdCompression.decompress(frame, limit: 28) }
    let bomb = try ZstdCompression.compress([UInt8](repeating: 0, count: 50 << 20), level: 1)
    #expect(throws: ZstdError.tooLarge(limit: 1 << 20)) {
      try ZstdCompression.decompress(bomb, limit: 1 << 20)
    }
    #expect(try ZstdCompression.decompress(frame + frame, limit: 1000).count == 58)
  }
}

@Suite struct ZstdPartsTests {
  /// Entries as a shard index has them: names that resemble each other, and digests.
  private static func entries(_ count: Int, seed: UInt64) -> [UInt8] {
    let noise = PackageBuilder.randomBytes(count: count * 32, seed: seed)
    var bytes: [UInt8] = []
    for number in 0..<count {
      bytes += Array("lib-package-\(seed)-\(number)".utf8) + noise[number * 32..<number * 32 + 32]
    }
    return bytes
  }

  @Test func partsMadeApartAreOneFrameTogether() throws {
    let zstd = try ZstdParts()
    let contents = [
      Array("head".utf8), Self.entries(900, seed: 1), Self.entries(1, seed: 2), Self.entries(5000, seed: 3),
      [],
      [UInt8](repeating: 7, count: 300_000), Self.entries(1200, seed: 4),
    ]
    let parts = try contents.map { try zstd.part($0) }
    let content = Array(contents.joined())
    let frame = ZstdParts.frame(parts, contentSize: content.count)
    #expect(try ZstdCompression.decompress(frame, limit: content.count) == content)
    // In any other order, too: nothing refers to its neighbours.
    let turned = ZstdParts.frame(parts.reversed(), contentSize: content.count)
    #expect(
      try ZstdCompression.decompress(turned, limit: content.count) == Array(contents.reversed().joined()))
    #expect(parts[3].count < contents[3].count * 8 / 10)
    #expect(try ZstdParts().part(contents[3]) == parts[3])
  }

  /// What `repodata.json.zst` is made of: text in larger windows, at the levels that are configured.
  @Test(arguments: [1, 3, 9, 12, 13, 16, 17, 18, ZstdParts.maximumLevel]) func partsOfTextAreOneFrameTogether(
    level: Int
  ) throws {
    let zstd = try ZstdParts(level: level, windowLog: 20)
    var contents: [[UInt8]] = [Array(#"{"info":{}"#.utf8)]
    for size in [3000, 1, 12_000] {
      let records = (0..<size).map { number in
        #""demo-\#(size).\#(number)-0.conda":{"build":"0","depends":["python >=3.\#(number % 9)"],"size":\#(number * 77)}"#
      }
      contents.append(Array(records.joined(separator: ",").utf8))
      contents.append([UInt8](repeating: UInt8(ascii: "0"), count: 64) + contents.last!)
    }
    let parts = try contents.map { try zstd.part($0) }
    let content = Array(contents.joined())
    let blocks =
      ZstdParts.raw(Array("<".utf8)) + parts.joined() + ZstdParts.raw([UInt8](repeating: 9, count: 300_000))
    let expected = Array("<".utf8) + content + [UInt8](repeating: 9, count: 300_000)
    let frame =
      ZstdParts.header(contentSize: Int64(expected.count), windowLog: 20, sizeField: .eightBytes) + blocks
      + ZstdParts.end
    #expect(try ZstdCompression.decompress(frame, limit: expected.count) == expected)
    #expect(parts.reduce(0) { $0 + $1.count } < content.count / 4)
  }

  /// Times in milliseconds often end with five zeros or more: records with them are as small as others.
  @Test(arguments: [1, 3, 9, 12, 13, 17, ZstdParts.maximumLevel]) func runsInRecordsCostNothing(level: Int)
    throws
  {
    let zstd = try ZstdParts(level: level, windowLog: 20)
    let records = (0..<2000).map { number in
      #""demo-\#(number * 7919)-0.conda":{"depends":["python >=3.\#(number % 9)"],"#
        + #""size":\#(number * 77),"timestamp":\#(1_500_086 + number * 86)400000}"#
    }
    let content = Array(records.joined(separator: ",").utf8)
    let part = try zstd.part(content)
    let frame = ZstdParts.frame([part], contentSize: content.count, windowLog: 20)
    #expect(try ZstdCompression.decompress(frame, limit: content.count) == content)
    let whole = try ZstdCompression.compress(content, level: level)
    #expect(part.count < whole.count * 11 / 10)
  }

  /// zstd has other ways for small inputs than for large ones; no part of either kind is stored as it is, and none depends on
  /// what was compressed before it.
  @Test(arguments: [1, 9, 13, 17, 19]) func recordsOfEverySizeAreSmallAndAlwaysTheSame(level: Int) throws {
    let zstd = try ZstdParts(level: level, windowLog: 20)
    for count in [3, 40, 700, 1800] {
      let noise = PackageBuilder.randomBytes(count: count * 32, seed: UInt64(count))
      let records = (0..<count).map { number in
        let digest = noise[number * 32..<number * 32 + 32].map {
          String(UInt16($0) + 256, radix: 16).dropFirst()
        }
        return #""demo-\#(number)-py311h\#(digest[0])_0.conda":{"build":"py311h\#(digest[0])_0","#
          + #""depends":["python >=3.\#(number % 9)","libdemo >=1.\#(number % 7),<2.0a0"],"license":"BSD-3-Clause","#
          + #""name":"demo","sha256":"\#(digest.joined())","size":\#(number * 77),"subdir":"linux-64"}"#
      }
      let content = Array(records.joined(separator: ",").utf8)
      let part = try zstd.part(content)
      #expect(part.count < content.count * 3 / 4, "\(count) records")
      #expect(try ZstdParts(level: level, windowLog: 20).part(content) == part)
    }
  }

  /// Records that repeat at an offset which the lead has left: what refers to that would mean something else elsewhere.
  @Test(arguments: [1, 3, 9, 13, 17, 19]) func recordsOfEveryLengthAreSmall(level: Int) throws {
    let zstd = try ZstdParts(level: level, windowLog: 20)
    for length in 40..<330 {
      let records = (0..<60).map { number in
        let start = #""demo-\#(1000 + number * 7 % 50)-0.conda":{"run_exports":{"#
        return start + String(repeating: "x", count: max(0, length - start.utf8.count - 3)) + "}},"
      }
      let content = Array(records.joined().utf8)
      let part = try zstd.part(content)
      #expect(part.count < content.count / 2, "\(length)")
      let frame = ZstdParts.frame([part], contentSize: content.count, windowLog: 20)
      #expect(try ZstdCompression.decompress(frame, limit: content.count) == content)
    }
  }

  /// Records of any one length that differ in a few places, in parts that stand behind any others.
  @Test(arguments: [1, 6, 9, 12, 13, 15, 16, 17, 18, 19]) func partsStandBehindAnyOthers(level: Int) throws {
    let zstd = try ZstdParts(level: level, windowLog: 20)
    var contents: [[UInt8]] = []
    for seed in 0..<80 {
      let noise = PackageBuilder.randomBytes(count: 1000, seed: UInt64(seed * 31 + level)).map(Int.init)
      let record = (0..<20 + noise[0] * 2).map { UInt8(32 + noise[$0] % 90) }
      var content: [UInt8] = []
      for number in 0..<4 + noise[1] % 60 {
        var copy = record
        for change in 0..<noise[2] % 4 { copy[noise[number + change] % copy.count] = UInt8(48 + number % 10) }
        content += copy
      }
      contents.append(content)
    }
    let parts = try contents.map { try zstd.part($0) }
    for stride in [1, 7, 79] {
      let order = (0..<80).map { $0 * stride % 80 }
      let content = Array(order.map { contents[$0] }.joined())
      let frame = ZstdParts.frame(order.map { parts[$0] }, contentSize: content.count, windowLog: 20)
      #expect(try ZstdCompression.decompress(frame, limit: content.count) == content)
    }
  }

  @Test func theFrameDeclaresItsSize() {
    let frame = ZstdParts.frame([], contentSize: 0x01_02_03)
    #expect(frame == [0x28, 0xB5, 0x2F, 0xFD, 0x80, 56, 3, 2, 1, 0, 1, 0, 0])
  }

  /// A run at the start of a frame is written as "offset 1 again", which would mean something else elsewhere: made for a
  /// part, it is not.
  @Test func blocksThatLeanOnTheStartOfAFrameAreFound() throws {
    let run = Array("0123456789".utf8) + [UInt8](repeating: 7, count: 100) + Array("abcdefgh".utf8)
    let encoder = try ZstdCompression.compress(run, level: 1)
    let noSize = [UInt8](encoder[..<4]) + [0, 56] + encoder[6...]
    let blocks = try #require(ZstdParts.blocks(of: noSize))
    let probe = try ZstdProbe(windowLog: 17)
    #expect(!probe.isIndependent(blocks, of: run))
    let entries = Self.entries(100, seed: 9)
    #expect(probe.isIndependent(try ZstdParts().part(entries), of: entries))
    let part = try ZstdParts().part(run)
    #expect(part.count < 40)
    #expect(probe.isIndependent(part, of: run))
  }
}
