import Foundation
import Testing

@testable import Metadata

@Suite struct ChannelTests {
  @Test func namesAreUniqueAndFoundInAnyCaseButKeepTheirSpelling() async throws {
    let test = try await TestStore()
    #expect(try await test.store.channel(named: "mAiN")?.name == "Main")
    let kind = await kind {
      _ = try await test.store.createChannel(NewChannel(name: "MAIN"), owner: test.user.id, now: Times.start)
    }
    #expect(kind == .conflict(what: "channel"))
    #expect(try await test.store.channel(named: "mai") == nil)
  }

  @Test func everyFieldSurvives() async throws {
    let test = try await TestStore()
    let new = NewChannel(
      name: "m", description: "text", isPrivate: true, sizeLimit: 5, ttl: 7, mirrorChannelURL: "http://x",
      mirrorMode: "mirror", metadata: #"{"includelist":null}"#)
    let channel = try await test.store.createChannel(new, owner: test.user.id, now: Times.start)
    #expect(channel.sizeLimit == 5 && channel.ttl == 7 && channel.isPrivate)
    #expect(channel.mirrorMode == "mirror" && channel.metadata == #"{"includelist":null}"#)
    #expect(channel.createdAt.milliseconds == Times.start.milliseconds)
    #expect(try await test.store.channel(id: channel.id) == channel)
    var changed = channel
    changed.sizeLimit = nil
    changed.isPrivate = false
    try await test.store.updateChannel(changed)
    #expect(try await test.store.channel(id: channel.id) == changed)
  }

  @Test func listingsShowWhatMayBeSeen() async throws {
    let test = try await TestStore()
    let bob = try await test.user(named: "bob")
    for (name, isPrivate, owner) in [
      ("Zeta", true, bob), ("alpha", true, test.user.id), ("beta", false, bob),
    ] {
      _ = try await test.store.createChannel(
        NewChannel(name: name, isPrivate: isPrivate), owner: owner, now: Times.start)
    }
    func names(_ visibility: ChannelVisibility) async throws -> [String] {
      try await test.store.channels(visibleTo: visibility, matching: nil).rows.map(\.channel.name)
    }
    #expect(try await names(.publicOnly) == ["beta", "Main"])
    #expect(try await names(.publicAndMember(bob)) == ["beta", "Main", "Zeta"])
    #expect(try await names(.memberOnly(bob)) == ["beta", "Zeta"])
    #expect(try await test.store.allChannels().map(\.name) == ["alpha", "beta", "Main", "Zeta"])
  }

  @Test func listingsArePagedAndCountAll() async throws {
    let test = try await TestStore()
    for name in ["a", "b", "c"] {
      _ = try await test.store.createChannel(
        NewChannel(name: name, isPrivate: false), owner: test.user.id, now: Times.start)
    }
    func page(_ skip: Int, _ limit: Int?) async throws -> ([String], Int) {
      let page = try await test.store.channels(
        visibleTo: .publicOnly, matching: nil, skip: skip, limit: limit)
      return (page.rows.map(\.channel.name), page.total)
    }
    #expect(try await page(1, 2) == (["b", "c"], 4))
    #expect(try await page(9, 2) == ([], 4))
    #expect(try await page(0, 0) == ([], 4))
    #expect(try await page(0, nil) == (["a", "b", "c", "Main"], 4))
  }

  @Test(arguments: [("%", ["100%"]), ("_", ["a_b"]), ("\\", ["back\\slash"]), ("MAI", ["Main"]), ("zzz", [])])
  func searchTakesItsTextLiterally(_ text: String, _ names: [String]) async throws {
    let test = try await TestStore()
    for name in ["100%", "a_b", "back\\slash", "axb"] {
      _ = try await test.store.createChannel(
        NewChannel(name: name, isPrivate: false), owner: test.user.id, now: Times.start)
    }
    let page = try await test.store.channels(visibleTo: .publicOnly, matching: text)
    #expect(page.rows.map(\.channel.name) == names)
    #expect(page.total == names.count)
  }

  @Test func summariesCountMembersAndPackages() async throws {
    let test = try await TestStore()
    let bob = try await test.user(named: "bob")
    try await test.store.setChannelMember(channelID: test.channel.id, userID: bob, role: .member)
    for name in ["a-1-0.conda", "b-1-0.conda", "b-2-0.conda"] { try await test.publish(name) }
    let summary = try #require(await test.store.channelSummary(id: test.channel.id))
    #expect(summary.membersCount == 2 && summary.packagesCount == 2)
    #expect(summary.channel.size == 300)
  }

  @Test func aMemberHasOneRoleThatCanBeReplacedAndRemoved() async throws {
    let test = try await TestStore()
    let bob = try await test.user(named: "bob")
    let id = test.channel.id
    for role in [Role.member, .maintainer] {
      try await test.store.setChannelMember(channelID: id, userID: bob, role: role)
      #expect(try await test.store.roles(of: bob, channelID: id, packageName: nil).channel == role)
    }
    let members = try await test.store.channelMembers(id)
    #expect(members.map(\.user.username) == ["alice", "bob"])
    #expect(members.map(\.role) == [.owner, .maintainer])
    #expect(try await test.store.memberChannelIDs(of: bob) == [id])
    #expect(try await test.store.channelRoles(of: bob).rows.map(\.channel) == ["Main"])
    try await test.store.removeChannelMember(channelID: id, userID: bob)
    #expect(await kind { try await test.store.removeChannelMember(channelID: id, userID: bob) } == .notFound)
    let unknown = await kind {
      try await test.store.setChannelMember(channelID: id, userID: UUID(), role: .member)
    }
    #expect(unknown == .notFound)
  }

  @Test func rolesForAPackageAreSeparateFromThoseInItsChannel() async throws {
    let test = try await TestStore()
    let bob = try await test.user(named: "bob")
    try await test.publish("a-1-0.conda")
    let package = try #require(await test.package("a"))
    try await test.store.addPackageMember(packageID: package.id, userID: bob, role: .maintainer)
    let roles = try await test.store.roles(of: bob, channelID: test.channel.id, packageName: "a")
    #expect(roles == AccessRoles(channel: nil, package: .maintainer))
    let others = try await test.store.roles(of: bob, channelID: test.channel.id, packageName: "b")
    #expect(others == AccessRoles())
    let again = await kind {
      try await test.store.addPackageMember(packageID: package.id, userID: bob, role: .owner)
    }
    #expect(again == .conflict(what: "packageMember"))
    #expect(try await test.store.packageMembers(package.id).map(\.user.username) == ["bob"])
    #expect(try await test.store.packageRoles(of: bob).rows.map(\.package) == ["a"])
  }
}

@Suite struct PackageTests {
  @Test func aPackageCanBeMadeOnceAndWithoutArtifacts() async throws {
    let test = try await TestStore()
    let package = try await test.store.createPackage(
      channelID: test.channel.id, name: "a", summary: "s", description: nil, owner: test.user.id,
      now: Times.start)
    #expect(package.currentVersion == nil && package.platforms == nil && package.latestChange == nil)
    #expect(try await test.store.packageMembers(package.id).map(\.role) == [.owner])
    let kind = await kind {
      _ = try await test.store.createPackage(
        channelID: test.channel.id, name: "a", summary: nil, description: nil, owner: nil, now: Times.start)
    }
    #expect(kind == .conflict(what: "package"))
    let entries = try await test.store.packagesForChannelData(channelID: test.channel.id)
    #expect(entries.map(\.name) == ["a"] && entries.map(\.channelData) == [nil])
  }

  @Test(arguments: [
    ([PackageOrder](), ["a", "b", "c", "d"]),
    ([PackageOrder(.name, isAscending: false)], ["d", "c", "b", "a"]),
    ([PackageOrder(.latestChange, isAscending: true)], ["d", "b", "a", "c"]),
    ([PackageOrder(.currentVersion, isAscending: true)], ["d", "a", "b", "c"]),
    (
      [PackageOrder(.currentVersion, isAscending: false), PackageOrder(.name, isAscending: false)],
      ["c", "b", "a", "d"]
    ),
  ]) func packagesAreListedInOrder(_ order: [PackageOrder], _ names: [String]) async throws {
    let test = try await TestStore()
    _ = try await test.store.createPackage(
      channelID: test.channel.id, name: "d", summary: nil, description: nil, owner: nil, now: Times.start)
    try await test.publish("b-1.9-0.conda", at: Times.start)
    try await test.publish("a-1.9.0-0.conda", at: Times.later)
    try await test.publish("c-1.10-0.conda", at: Times.muchLater)
    let page = try await test.store.packages(channelID: test.channel.id, orderBy: order)
    #expect(page.rows.map(\.name) == names)
    let last = try await test.store.packages(channelID: test.channel.id, orderBy: order, skip: 3, limit: 5)
    #expect(last.rows.map(\.name) == [names[3]])
    #expect(last.total == 4)
  }

  @Test func artifactsCanBeLimitedByTimeOfCreation() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda", at: Times.start)
    try await test.publish("a-2-0.conda", at: Times.later)
    func versions(_ start: Date?) async throws -> [String] {
      try await test.store.artifacts(
        channelID: test.channel.id, packageName: "a", createdAtOrAfter: start
      ).map(\.version).sorted()
    }
    #expect(try await versions(nil) == ["1", "2"])
    #expect(try await versions(Times.later) == ["2"])
    #expect(try await versions(Times.muchLater) == [])
  }

  @Test func downloadsAddUpAndThoseOfMissingFilesAreIgnored() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let id = test.channel.id
    let key = try await test.downloadKey("a-1-0.conda")
    for _ in 0..<2 { try await test.store.addDownloads([key: 3, key + 1: 1], now: Times.start) }
    let artifact = try await test.store.artifact(channelID: id, subdir: "linux-64", fileName: "a-1-0.conda")
    #expect(artifact?.downloadCount == 6)
  }
}
