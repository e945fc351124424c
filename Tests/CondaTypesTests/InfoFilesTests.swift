import CondaTypes
import Testing

@Suite struct AboutJSONTests {
  static func parse(_ text: String) throws -> AboutJSON { try AboutJSON.parse(Array(text.utf8)).get() }

  @Test func readsTheDescription() throws {
    let about = try Self.parse(
      #"{"summary":"S","description":"D","home":"https://h.example","dev_url":"v","doc_url":"o","doc_source_url":"p","#
        + #""source_url":"q","source_git_url":"g","license":"MIT","license_family":"MIT","icon_url":"i","icon_hash":"md5:1"}"#
    )
    #expect(about.summary == "S" && about.description == "D" && about.home == "https://h.example")
    #expect(about.devURL == "v" && about.docURL == "o" && about.docSourceURL == "p")
    #expect(
      about.sourceURL == "q" && about.sourceGitURL == "g" && about.iconURL == "i" && about.iconHash == "md5:1"
    )
    #expect(about.license == "MIT" && about.licenseFamily == "MIT")
  }

  @Test func takesTheFirstURLOfAListAndJoinsTexts() throws {
    let about = try Self.parse(
      #"{"home":["a","b"],"license":["MIT","BSD"],"dev_url":[],"summary":["",null,"x"]}"#)
    #expect(about.home == "a" && about.license == "MIT, BSD" && about.devURL == nil && about.summary == "x")
  }

  @Test func passesOverWhatItCannotUse() throws {
    let about = try Self.parse(
      #"{"summary":null,"home":{"a":1},"license":"","description":5,"unknown":[1],"tags":[],"keywords":["k"]}"#
    )
    #expect(about.summary == nil && about.home == nil && about.license == nil && about.description == nil)
    #expect(about.labels == ["keywords": .array([.string("k")])])
  }

  @Test(arguments: ["", "[]", "{\"a\":"]) func refusesWhatIsNoObject(text: String) {
    #expect(throws: MetadataProblems.self) { try Self.parse(text) }
  }
}

@Suite struct RunExportsTests {
  static func parse(_ text: String) throws -> RunExports { try RunExports.parse(Array(text.utf8)).get() }

  @Test(arguments: [
    (#"{"weak":["a 1"]}"#, RunExports(weak: ["a 1"])), (#"["a 1"]"#, RunExports(weak: ["a 1"])),
    ("[]", RunExports()),
    ("{}", RunExports()), (#"{"weak":[],"strong":null}"#, RunExports()),
    (#"{"weak":"a"}"#, RunExports(weak: ["a"])),
    (
      #"{"noarch":["n"],"strong":["s"],"weak_constrains":["wc"],"strong_constrains":["sc"],"schema_version":1}"#,
      RunExports(strong: ["s"], weakConstrains: ["wc"], strongConstrains: ["sc"], noarch: ["n"])
    ),
  ])
  func reads(text: String, value: RunExports) throws {
    #expect(try Self.parse(text) == value)
  }

  @Test(arguments: ["", "1", "\"a\"", "[1]", #"{"weak":[1]}"#, #"{"weak":{}}"#]) func refuses(text: String) {
    #expect(throws: MetadataProblems.self) { try Self.parse(text) }
  }

  @Test func writesOnlyKeysThatHaveSpecs() {
    #expect(RunExports().json.canonicalText() == "{}")
    #expect(
      RunExports(weak: ["b", "a"], strongConstrains: ["c"]).json.canonicalText()
        == #"{"strong_constrains":["c"],"weak":["b","a"]}"#)
    #expect(RunExports().isEmpty && !RunExports(noarch: ["x"]).isEmpty)
  }
}

@Suite struct PathsSummaryTests {
  static func summary(
    pathsJSON: String? = nil, files: String? = nil, hasPrefix: String? = nil, archivePaths: [String] = []
  ) throws -> PathsSummary {
    try PathsSummary.parse(
      pathsJSON: pathsJSON.map { Array($0.utf8) }, filesList: files.map { Array($0.utf8) },
      hasPrefix: hasPrefix.map { Array($0.utf8) }, archivePaths: archivePaths,
      packageName: PackageName(parsing: "a-b")
    ).get()
  }

  static func json(_ paths: [String]) -> String {
    JSONValue.object(["paths": .array(paths.map { .object(["_path": .string($0)]) })]).canonicalText()
  }

  @Test(arguments: [
    (["lib/x"], PathsSummary(fileCount: 1)), ([], PathsSummary()),
    (
      ["etc/conda/activate.d/a.sh", "etc/conda/deactivate.d/a.sh"],
      PathsSummary(activateD: true, deactivateD: true, fileCount: 2)
    ),
    (["bin/.a-b-post-link.sh"], PathsSummary(postLink: true, fileCount: 1)),
    (
      ["Scripts/.a-b-pre-link.bat", "bin/.a-b-pre-unlink.sh"],
      PathsSummary(preLink: true, preUnlink: true, fileCount: 2)
    ),
    (
      ["bin/.other-post-link.sh", "x/bin/.a-b-post-link.sh", "etc/conda/activate.dx"],
      PathsSummary(fileCount: 3)
    ),
  ])
  func seesScriptsInEachKindOfList(paths: [String], summary: PathsSummary) throws {
    #expect(try Self.summary(pathsJSON: Self.json(paths)) == summary)
    #expect(try Self.summary(files: paths.map { $0 + "\n" }.joined()) == summary)
    #expect(try Self.summary(archivePaths: paths + ["info/index.json"]) == summary)
  }

  @Test func seesPrefixesInPathsJSON() throws {
    let entry = { (mode: String) in #"{"_path":"x","file_mode":"\#(mode)","prefix_placeholder":"/opt"}"# }
    #expect(try Self.summary(pathsJSON: #"{"paths":[\#(entry("text"))]}"#).textPrefix)
    #expect(try Self.summary(pathsJSON: #"{"paths":[\#(entry("binary"))]}"#).binaryPrefix)
    #expect(try !Self.summary(pathsJSON: #"{"paths":[{"_path":"x","file_mode":"binary"}]}"#).binaryPrefix)
    #expect(try !Self.summary(pathsJSON: #"{"paths":[{"_path":"x","prefix_placeholder":""}]}"#).textPrefix)
  }

  @Test(arguments: [
    ("bin/x\n", true, false), ("/opt/p text bin/x\n", true, false), ("/opt/p binary lib/x\n", false, true),
    (#""/opt/p q" binary "lib/a b""#, false, true), ("/opt/p binary a\r\nbin/x\r\n", true, true),
    ("", false, false),
  ])
  func readsHasPrefix(text: String, textPrefix: Bool, binaryPrefix: Bool) throws {
    let summary = try Self.summary(files: "", hasPrefix: text)
    #expect(summary.textPrefix == textPrefix && summary.binaryPrefix == binaryPrefix)
  }

  @Test func pathsJSONWins() throws {
    #expect(
      try Self.summary(pathsJSON: Self.json(["x"]), files: "a\nb\n", hasPrefix: "a\n")
        == PathsSummary(fileCount: 1))
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"paths":{}}"#, #"{"paths":[1]}"#, #"{"paths":[{}]}"#, #"{"paths":[{"_path":"/x"}]}"#,
    #"{"paths":[{"_path":"a/../../x"}]}"#, #"{"paths":[{"_path":""}]}"#, #"{"paths":[{"_path":"a\u0000"}]}"#,
  ])
  func refuses(pathsJSON: String) {
    #expect(throws: MetadataProblems.self) { try Self.summary(pathsJSON: pathsJSON) }
  }

  @Test func reportsTheFirstTwentyOfManyBadEntries() {
    let error = #expect(throws: MetadataProblems.self) {
      try Self.summary(pathsJSON: Self.json(Array(repeating: "../x", count: 1000)))
    }
    #expect(error?.problems.count == 20)
    #expect(
      error?.problems.first?.description
        == "info/paths.json: paths[0]: found '../x', expected a path that stays inside the prefix")
  }
}
