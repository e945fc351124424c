import CondaTypes
import Testing

@Suite struct PatchInstructionsTests {
  private static func parse(_ json: JSONValue) -> Result<PatchInstructions, MetadataProblems> {
    PatchInstructions.parse(Array(json.canonicalText().utf8))
  }

  private static let record: [String: JSONValue] = [
    "build": "0", "build_number": 0, "depends": ["a", "b"], "license": "MIT", "md5": "0a0b", "name": "x",
    "sha256": "0C", "subdir": "noarch", "track_features": "old", "version": "1",
  ]

  private static func patched(_ changes: PatchInstructions.Change...) -> [String: JSONValue] {
    PackageRecord.patched(record, by: changes)
  }

  @Test func fieldsReplaceAddAndTakeAway() {
    let result = Self.patched(
      .init(fields: ["depends": ["c"], "license": .null, "constrains": ["d <2"], "track_features": .null]))
    #expect(result["depends"] == ["c"] && result["constrains"] == ["d <2"])
    #expect(result["license"] == nil && result["track_features"] == nil)
    #expect(result["sha256"] == "0C" && result["name"] == "x")
  }

  @Test func aPatchedRecordIsNormalLikeAnyOther() {
    let result = Self.patched(
      .init(fields: ["depends": .null, "constrains": [], "track_features": ["a", "b"]]))
    #expect(result["depends"] == [] && result["constrains"] == nil && result["track_features"] == "a b")
  }

  @Test func laterChangesCountMore() {
    let result = Self.patched(.init(fields: ["depends": ["c"]]), .init(fields: ["depends": ["d"]]))
    #expect(result["depends"] == ["d"])
  }

  @Test func aRevokedRecordCannotBeInstalled() {
    let result = Self.patched(.init(isRevoked: true), .init(fields: ["depends": ["c"]], isRevoked: true))
    #expect(result["revoked"] == true)
    #expect(result["depends"] == ["c", "package_has_been_revoked"])
  }

  @Test func whatIsSaidOfATarHoldsForTheCondaToo() throws {
    let patch = try Self.parse([
      "patch_instructions_version": 1, "packages": ["x-1-0.tar.bz2": ["depends": ["t"]]],
      "packages.conda": ["x-1-0.conda": ["license": "BSD"]], "remove": ["y-1-0.tar.bz2"],
      "revoke": ["z-1-0.conda"],
    ]).get()
    #expect(patch.changes(for: "x-1-0.tar.bz2").map(\.fields) == [["depends": ["t"]]])
    #expect(patch.changes(for: "x-1-0.conda").map(\.fields) == [["depends": ["t"]], ["license": "BSD"]])
    #expect(patch.changes(for: "y-1-0.conda").map(\.isRemoved) == [true])
    #expect(patch.changes(for: "z-1-0.tar.bz2").isEmpty)
  }

  @Test func isWrittenAsItIsRead() throws {
    let json: JSONValue = [
      "patch_instructions_version": 2,
      "packages": ["x-1-0.tar.bz2": ["license": .null, "run_exports": ["weak": ["x"]]]],
      "packages.conda": ["x-1-0.conda": ["license": "BSD"]], "remove": ["a-1-0.conda", "y-1-0.tar.bz2"],
      "revoke": ["z-1-0.conda"],
    ]
    #expect(try Self.parse(json).get().json == json)
  }

  @Test func runExportsArePatchedApart() throws {
    let change = PatchInstructions.Change(fields: ["run_exports": ["weak": ["x"], "strong": .null]])
    #expect(Self.patched(change)["run_exports"] == nil)
    let exports = PackageRecord.patchedRunExports(RunExports(strong: ["s"], noarch: ["n"]), by: [change])
    #expect(exports == RunExports(weak: ["x"], noarch: ["n"]))
    let list = PatchInstructions.Change(fields: ["run_exports": ["y"]])
    #expect(PackageRecord.patchedRunExports(RunExports(), by: [list]) == RunExports(weak: ["y"]))
  }

  @Test func aShardHoldsDigestsAsBinary() throws {
    let packed = try MessagePack.decode(PackageRecord.messagePack(of: Self.record, runExports: RunExports()))
    #expect(packed["md5"] == .binary([0x0A, 0x0B]) && packed["sha256"] == .binary([0x0C]))
    #expect(packed["run_exports"] == .map([]) && packed["name"] == .string("x"))
  }

  static let wrong: [(JSONValue, String)] = [
    ([:], "patch_instructions_version"), (["patch_instructions_version": 3], "1 or 2"),
    (["packages": ["x-1-0.conda": [:]]], "end in .tar.bz2"),
    (["packages": ["x-1-0.tar.bz2": 1]], "an object of fields"),
    (["packages.conda": ["x-1-0.conda": ["sha256": "0"]]], "cannot be patched"),
    (["packages.conda": ["x-1-0.conda": ["name": "y"]]], "cannot be patched"),
    (["packages.conda": ["x-1-0.conda": ["indexed_timestamp": 1]]], "cannot be patched"),
    (["packages.conda": ["x-1-0.conda": ["depends": "y"]]], "x-1-0.conda.depends"),
    (["packages.conda": ["x-1-0.conda": ["noarch": "ruby"]]], "noarch"),
    (["packages.conda": ["x-1-0.conda": ["run_exports": ["weak": ["x"]]]]], "version 2"),
    (
      ["patch_instructions_version": 2, "packages.conda": ["x-1-0.conda": ["run_exports": 7]]], "run_exports"
    ),
    (["remove": ["x"]], "end in .conda or .tar.bz2"), (["revoke": "x"], "an array of strings"),
  ]

  @Test(arguments: wrong) func saysWhatIsWrong(json: JSONValue, words: String) {
    let whole: JSONValue =
      words == "patch_instructions_version"
      ? json : .object(["patch_instructions_version": 1].merging(json.asObject ?? [:]) { _, last in last })
    switch Self.parse(whole) {
    case .success: Issue.record("\(whole.canonicalText()) was read")
    case .failure(let failure): #expect(failure.description.contains(words), "\(failure)")
    }
  }
}
