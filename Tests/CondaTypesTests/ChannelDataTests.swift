import CondaTypes
import Testing

@Suite struct ChannelDataTests {
  static func entry(
    version: String, subdir: String = "noarch", timestamp: Int64? = nil, license: String? = nil,
    about: String? = nil,
    runExports: RunExports? = nil, paths: PathsSummary = PathsSummary()
  ) throws -> ChannelDataEntry {
    ChannelDataEntry(
      index: try IndexJSONTests.parse([
        "version": .string(version), "subdir": .string(subdir), "timestamp": timestamp.map(JSONValue.integer),
        "license": license.map(JSONValue.string),
      ]), about: try about.map { try AboutJSON.parse(Array($0.utf8)).get() }, runExports: runExports,
      paths: paths)
  }

  static func merged(_ entries: [ChannelDataEntry]) throws -> ChannelDataEntry {
    var result = try #require(entries.first)
    for entry in entries.dropFirst() { result.merge(entry) }
    return result
  }

  @Test func anEntryHasUpstreamsKeys() throws {
    let entry = try Self.entry(
      version: "1.0", subdir: "linux-64", timestamp: 1_599_839_787_252, license: "BSD",
      about: #"{"summary":"S","home":"https://h"}"#)
    #expect(
      entry.json.canonicalText()
        == #"{"activate.d":false,"binary_prefix":false,"deactivate.d":false,"description":null,"dev_url":null,"#
        + #""doc_source_url":null,"doc_url":null,"home":"https://h","icon_hash":null,"icon_url":null,"identifiers":{},"#
        + #""keywords":{},"license":"BSD","post_link":false,"pre_link":false,"pre_unlink":false,"run_exports":{},"#
        + #""source_git_url":null,"source_url":null,"subdirs":["linux-64"],"summary":"S","tags":{},"text_prefix":false,"#
        + #""timestamp":1599839787,"version":"1.0"}"#)
  }

  @Test func textsComeFromTheNewerVersionWhateverCameFirst() throws {
    let old = try Self.entry(version: "1.9", about: #"{"summary":"old","home":"h"}"#)
    let new = try Self.entry(version: "1.10", about: #"{"summary":"new"}"#)
    for entry in [try Self.merged([old, new]), try Self.merged([new, old])] {
      #expect(entry.json["summary"] == .string("new") && entry.json["version"] == .string("1.10"))
      #expect(entry.json["home"] == .null)
    }
  }

  @Test func factsAddUp() throws {
    let one = try Self.entry(
      version: "2.0", subdir: "osx-64", timestamp: 1_600_000_005_000,
      paths: PathsSummary(activateD: true, preLink: true, textPrefix: true))
    let other = try Self.entry(
      version: "1.0", subdir: "linux-64", timestamp: 1_600_000_009_999,
      paths: PathsSummary(deactivateD: true, postLink: true, preUnlink: true, binaryPrefix: true))
    let json = try Self.merged([one, other]).json
    for key in [
      "activate.d", "deactivate.d", "pre_link", "post_link", "pre_unlink", "text_prefix", "binary_prefix",
    ] {
      #expect(json[key] == .bool(true))
    }
    #expect(json["subdirs"] == .array([.string("linux-64"), .string("osx-64")]))
    #expect(json["timestamp"] == .integer(1_600_000_009))
  }

  @Test func runExportsStandUnderTheirVersionIfThereAreAny() throws {
    let entries = try [
      Self.entry(version: "1.0", runExports: RunExports(weak: ["a 1"])),
      Self.entry(version: "2.0", runExports: RunExports()),
      Self.entry(version: "3.0", runExports: nil),
      Self.entry(version: "4.0", runExports: RunExports(strong: ["a 4"])),
    ]
    #expect(
      try Self.merged(entries).json["run_exports"]?.canonicalText()
        == #"{"1.0":{"weak":["a 1"]},"4.0":{"strong":["a 4"]}}"#)
  }

  @Test func labelsStayWhenTheNewerVersionHasNone() throws {
    let old = try Self.entry(version: "1.0", about: #"{"keywords":["k"],"tags":["old"]}"#)
    let new = try Self.entry(version: "2.0", about: #"{"keywords":[],"tags":["new"]}"#)
    for entry in [try Self.merged([old, new]), try Self.merged([new, old])] {
      #expect(
        entry.json["keywords"] == .array([.string("k")]) && entry.json["tags"] == .array([.string("new")]))
    }
  }

  @Test func anyOrderOfMergesGivesTheSame() throws {
    var generator = SeededGenerator(seed: 11)
    var entries: [ChannelDataEntry] = []
    for (number, version) in ["1.0", "1.0.0", "1.0rc1", "2.0", "2.0", "2.0", "0.9", "1!0.1"].enumerated() {
      entries.append(
        try Self.entry(
          version: version, subdir: number.isMultiple(of: 2) ? "linux-64" : "osx-64",
          timestamp: Int64(number) * 1000,
          about: number == 3 ? #"{"home":"h"}"# : #"{"summary":"s\#(number)","license":"l"}"#,
          runExports: RunExports(weak: ["x \(number)"]), paths: PathsSummary(activateD: number == 1)))
    }
    let expected = try Self.merged(entries).json
    for _ in 0..<200 {
      entries.shuffle(using: &generator)
      #expect(try Self.merged(entries).json == expected)
      let half = Int.random(in: 1..<entries.count, using: &generator)
      var halves = try Self.merged(Array(entries[..<half]))
      halves.merge(try Self.merged(Array(entries[half...])))
      #expect(halves.json == expected)
    }
  }

  @Test func mergingStoredEntriesEqualsARebuild() throws {
    let entries = try [
      Self.entry(version: "1.0", about: #"{"summary":"a"}"#, runExports: RunExports(weak: ["a"])),
      Self.entry(
        version: "2.0", subdir: "win-64", about: #"{"home":"b","tags":["t"]}"#,
        paths: PathsSummary(postLink: true)),
    ]
    var stored = try ChannelDataEntry(json: JSONValue(parsing: entries[0].json.canonicalText().utf8))
    stored.merge(try ChannelDataEntry(json: entries[1].json))
    #expect(try stored.json == Self.merged(entries).json)
    #expect(try ChannelDataEntry(json: stored.json).json == stored.json)
  }

  @Test func readsEntriesOfOtherServers() throws {
    let json = try JSONValue(
      parsing:
        #"{"version":"1.0","source_url":["a","b"],"timestamp":null,"run_exports":{"1.0":{}},"subdirs":["noarch"],"extra":1}"#
        .utf8)
    let entry = try ChannelDataEntry(json: json).json
    #expect(entry["source_url"] == .array([.string("a"), .string("b")]) && entry["timestamp"] == .integer(0))
    #expect(entry["run_exports"] == .object([:]) && entry["extra"] == nil)
  }

  @Test(arguments: ["{}", "[]", "null", #"{"version":1}"#, #"{"version":"1..0"}"#])
  func refusesAnEntryWithoutAVersion(text: String) throws {
    let json = try JSONValue(parsing: text.utf8)
    #expect(throws: ParseError.self) { try ChannelDataEntry(json: json) }
  }

  @Test func theDocumentAlwaysHasNoarch() {
    #expect(
      ChannelData.document(packages: ["a": .object([:])], subdirs: []).canonicalText()
        == #"{"channeldata_version":1,"packages":{"a":{}},"subdirs":["noarch"]}"#)
  }

  @Test func ordersSubdirsAsPeopleExpect() {
    let subdirs = [
      "zos-z", "noarch", "win-64", "linux-aarch64", "osx-64", "linux-64", "win-64", "emscripten-wasm32",
    ]
    #expect(
      ChannelData.subdirOrder(subdirs)
        == ["linux-64", "osx-64", "win-64", "emscripten-wasm32", "linux-aarch64", "zos-z", "noarch"])
  }
}
