import CondaTypes
import Testing

@Suite struct ChannelRelationsTests {
  @Test func areWhatInfoSays() throws {
    let both = try ChannelRelations(base: "../conda-forge", overrides: "../..", of: "lab")
    #expect(both.json == ["base": "../conda-forge", "overrides": "../.."])
    #expect(
      try ChannelRelations(base: nil, overrides: "../x/label/rc", of: "lab").json == [
        "overrides": "../x/label/rc"
      ])
    #expect(try ChannelRelations(base: nil, overrides: nil, of: "lab").json == nil)
  }

  @Test(arguments: [
    "", "..", "conda-forge", "/conda-forge", "https://host/c", "../", "../a/", "../a//b", "../a/../b",
    "./../a",
    "../a b", "../a?x", "../%2e", "../" + String(repeating: "a", count: 300), "../lab", "../Lab",
  ])
  func refuseWhatIsNoOtherChannel(reference: String) {
    #expect(throws: ParseError.self) { try ChannelRelations(base: reference, overrides: nil, of: "lab") }
    #expect(throws: ParseError.self) { try ChannelRelations(base: nil, overrides: reference, of: "lab") }
  }

  @Test func cannotBeBothToOneChannel() {
    #expect(throws: ParseError.self) { try ChannelRelations(base: "../a", overrides: "../a", of: "lab") }
  }
}
