import CondaTypes
import Testing

@Suite struct RunExportsWriterTests {
  private static let none: [UInt8]? = nil

  private static func text(_ subdir: String, _ body: (inout RunExportsWriter, inout [UInt8]) -> Void)
    -> String
  {
    var bytes: [UInt8] = []
    var writer = RunExportsWriter(subdir: subdir)
    writer.begin(into: &bytes)
    body(&writer, &bytes)
    writer.finish(into: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func writesAnEmptyDocument() {
    #expect(
      Self.text("noarch") { _, _ in }
        == #"{"info":{"arch":"noarch","platform":"noarch","subdir":"noarch","version":0},"#
        + #""packages":{},"packages.conda":{}}"#)
  }

  @Test func namesPlatformAndArchitecture() {
    for (subdir, arch) in [("linux-64", "x86_64"), ("win-32", "x86"), ("osx-arm64", "arm64")] {
      let text = Self.text(subdir) { _, _ in }
      let platform = subdir.prefix { $0 != "-" }
      #expect(text.hasPrefix(#"{"info":{"arch":"\#(arch)","platform":"\#(platform)","subdir":"\#(subdir)""#))
    }
  }

  @Test func framesEntriesAndSaysNoneForThoseWithout() throws {
    let text = Self.text("linux-64") { writer, bytes in
      writer.append("a-1-0.tar.bz2", runExports: Self.none, format: .tarBzip2, to: &bytes)
      writer.append(
        "b-1-0.tar.bz2", runExports: Array(#"{"weak":["b"]}"#.utf8), format: .tarBzip2, to: &bytes)
      writer.append("a-1-0.conda", runExports: Self.none, format: .conda, to: &bytes)
      writer.append("c-1-0", runExports: Self.none, format: .conda, isV3: true, to: &bytes)
      writer.append("d-1-0", runExports: Self.none, format: .tarBzip2, isV3: true, to: &bytes)
    }
    let document = try JSONValue(parsing: text.utf8)
    #expect(
      document["packages"] == [
        "a-1-0.tar.bz2": ["run_exports": [:]], "b-1-0.tar.bz2": ["run_exports": ["weak": ["b"]]],
      ])
    #expect(document["packages.conda"] == ["a-1-0.conda": ["run_exports": [:]]])
    #expect(
      document["v3"] == [
        "conda": ["c-1-0": ["run_exports": [:]]], "tar.bz2": ["d-1-0": ["run_exports": [:]]],
      ])
    #expect(document.canonicalText() == text, "keys are in order and nothing is spaced")
  }

  @Test func oneFormatUnderV3StandsAlone() throws {
    for format in ArtifactFormat.allCases {
      let text = Self.text("linux-64") { writer, bytes in
        writer.append("c-1-0", runExports: Self.none, format: format, isV3: true, to: &bytes)
      }
      let document = try JSONValue(parsing: text.utf8)
      #expect(document["v3"] == .object([format.rawValue: ["c-1-0": ["run_exports": [:]]]]))
    }
  }
}

@Suite struct RepodataStreamTests {
  /// What comes piece by piece is what comes at once.
  @Test(arguments: [0, 2], [0, 1, 2, 3])
  func streamsRemovedFilesAndV3(removed: Int, formats: Int) throws {
    let (conda, tarBzip2) = (formats & 1, formats >> 1)
    let record = Array(#"{"n":1}"#.utf8)
    var streamed: [UInt8] = []
    var writer = RepodataWriter(subdir: "noarch")
    writer.begin(into: &streamed)
    for number in 0..<removed { writer.appendRemoved("r-\(number)-0.conda", to: &streamed) }
    for number in 0..<conda {
      writer.appendV3(distribution: "c-\(number)-0", record: record, format: .conda, to: &streamed)
    }
    for number in 0..<tarBzip2 {
      writer.appendV3(distribution: "t-\(number)-0", record: record, format: .tarBzip2, to: &streamed)
    }
    writer.finish(into: &streamed)

    var whole: [UInt8] = []
    var other = RepodataWriter(subdir: "noarch")
    other.begin(into: &whole)
    other.finish(
      removed: (0..<removed).map { "r-\($0)-0.conda" },
      v3: [
        .conda: (0..<conda).map { ("c-\($0)-0", record) },
        .tarBzip2: (0..<tarBzip2).map { ("t-\($0)-0", record) },
      ], into: &whole)
    #expect(streamed == whole)
    let document = try JSONValue(parsing: streamed)
    #expect(document["removed"]?.asArray?.count == removed)
    #expect((document["v3"] != nil) == (conda + tarBzip2 > 0))
    #expect(document.canonicalText() == String(decoding: streamed, as: UTF8.self))
  }
}

@Suite struct JSONFragmentTests {
  private static func members(_ keys: [String], of text: String) -> [String: JSONValue] {
    var text = text
    return text.withUTF8 { JSONFragment.members(keys, of: UnsafeRawBufferPointer($0)) }
  }

  @Test func findsMembersAtTheObjectsOwnLevel() {
    let text =
      #"{"a":{"depends":["x"]},"b":"\"depends\":[","depends":["p >=1,<2","q\\"],"n":-1.5,"t":true,"z":{}}"#
    #expect(Self.members(["depends"], of: text) == ["depends": ["p >=1,<2", "q\\"]])
    #expect(Self.members(["n", "t", "z"], of: text) == ["n": .number(-1.5), "t": true, "z": [:]])
    #expect(Self.members(["b"], of: text) == ["b": #""depends":["#])
    #expect(Self.members(["missing"], of: text).isEmpty)
  }

  @Test(arguments: ["", "{", "{}", "[]", #"{"a"#, #"{"a":"#, #"{"a":"b\"#, #"{"a":["#, "null"])
  func survivesWhatIsNoObject(text: String) {
    #expect(Self.members(["depends"], of: text).isEmpty)
  }
}
