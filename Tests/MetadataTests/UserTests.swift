import Foundation
import Testing

@testable import Metadata

extension TestStore {
  /// Another user without a server role.
  func user(named name: String) async throws -> UUID {
    try await store.createUser(
      username: name, role: nil, name: name, avatarURL: "", identity: nil, now: Times.start
    ).id
  }
}

@Suite struct UserTests {
  @Test func aUserIsFoundByIDNameAndIdentity() async throws {
    let test = try await TestStore()
    let user = try await test.store.createUser(
      username: "carol", role: .member, name: nil, avatarURL: "/c", identity: ("github", "7", "carol-gh"),
      now: Times.start)
    #expect(user.hasProfile && user.role == .member && user.name == nil)
    #expect(try await test.store.user(id: user.id) == user)
    #expect(try await test.store.user(named: "carol") == user)
    #expect(try await test.store.user(provider: "github", identityID: "7") == user)
    #expect(try await test.store.user(named: "Carol") == nil)
    let identities = try await test.store.identities(provider: "github")
    #expect(identities.map(\.login) == ["carol-gh"])
    #expect(identities.map(\.role) == [.member])
  }

  @Test func namesAndIdentitiesAreTakenOnce() async throws {
    let test = try await TestStore()
    let byName = await kind { _ = try await test.user(named: "alice") }
    #expect(byName == .conflict(what: "user"))
    func create(_ name: String) async -> MetadataError.Kind? {
      await kind {
        _ = try await test.store.createUser(
          username: name, role: nil, name: nil, avatarURL: "", identity: ("github", "7", "x"),
          now: Times.start)
      }
    }
    #expect(await create("x") == nil)
    #expect(await create("y") == .conflict(what: "identity"))
    #expect(try await test.store.user(named: "y") == nil)
  }

  @Test func listingShowsPeopleOnlySortedByName() async throws {
    let test = try await TestStore()
    let zoe = try await test.user(named: "zoe")
    let bob = try await test.user(named: "Bob_1")
    try await test.store.deleteUser(id: zoe)
    #expect(try await test.store.users(matching: nil, only: nil).rows.map(\.username) == ["Bob_1", "alice"])
    #expect(try await test.store.users(matching: "BOB_", only: nil).rows.map(\.id) == [bob])
    #expect(try await test.store.users(matching: "a_i", only: nil).rows.isEmpty)
    #expect(try await test.store.users(matching: nil, only: bob).rows.map(\.id) == [bob])
    #expect(try await test.store.users(matching: "alice", only: bob).rows.isEmpty)
    #expect(try await test.store.userCount() == 2)
  }

  @Test func rolesCanBeSetAndTaken() async throws {
    let test = try await TestStore()
    for role: Role? in [.maintainer, nil] {
      try await test.store.setRole(of: test.user.id, to: role)
      #expect(try await test.store.user(id: test.user.id)?.role == role)
    }
    #expect(await kind { try await test.store.setRole(of: UUID(), to: .owner) } == .notFound)
    #expect(Role.allCases.sorted() == [.member, .maintainer, .owner])
  }

  @Test func aDeletedUserKeepsNameAndRoleAndLosesEverythingElse() async throws {
    let test = try await TestStore()
    let artifact = try await test.publish("a-1-0.conda", owner: true).artifact
    let hash = [UInt8](repeating: 1, count: 32)
    let key = try await test.store.createAPIKey(
      hash: hash, prefix: "k", description: "", createdOn: Times.start, expiresOn: nil, owner: test.user.id,
      roles: [KeyRole(channel: "main", package: nil, role: .owner)])
    try await test.store.deleteUser(id: test.user.id)
    let user = try #require(await test.store.user(named: "alice"))
    #expect(user.role == .owner && !user.hasProfile && user.avatarURL == nil)
    #expect(try await test.store.apiKey(hash: hash) == nil)
    #expect(try await test.store.user(id: key.userID) == nil)
    #expect(try await test.store.channelMembers(test.channel.id).isEmpty)
    #expect(try await test.store.packageMembers(artifact.packageID).isEmpty)
    let found = try await test.store.artifacts(channelID: test.channel.id, packageName: "a")
    #expect(found.map(\.uploaderID) == [test.user.id])
    #expect(found.map(\.uploaderName) == [nil])
    #expect(await kind { try await test.store.deleteUser(id: UUID()) } == .notFound)
  }
}

@Suite struct APIKeyTests {
  private static func hash(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 32) }

  private func create(_ test: TestStore, _ byte: UInt8, _ roles: [KeyRole] = []) async throws -> APIKeyRow {
    try await test.store.createAPIKey(
      hash: Self.hash(byte), prefix: "abcd", description: "key \(byte)", createdOn: Times.start,
      expiresOn: Times.later, owner: test.user.id, roles: roles)
  }

  @Test func aKeyWithoutRolesIsItsOwner() async throws {
    let test = try await TestStore()
    let key = try await create(test, 1)
    #expect(key.roles == nil && key.userID == test.user.id && key.prefix == "abcd")
    let identity = try #require(await test.store.apiKey(hash: Self.hash(1)))
    #expect(identity.key == key)
    #expect(identity.user == test.user && identity.owner == test.user)
    #expect(identity.key.expiresOn?.milliseconds == Times.later.milliseconds)
  }

  @Test func aScopedKeyIsANamelessUserWithExactlyItsRoles() async throws {
    let test = try await TestStore()
    try await test.publish("a-1-0.conda")
    let roles = [
      KeyRole(channel: "main", package: "a", role: .owner),
      KeyRole(channel: "Main", package: nil, role: .owner),
      KeyRole(channel: "MAIN", package: nil, role: .member),
    ]
    let key = try await create(test, 1, roles)
    #expect(
      key.roles == [
        KeyRole(channel: "Main", package: nil, role: .member),
        KeyRole(channel: "Main", package: "a", role: .owner),
      ])
    let identity = try #require(await test.store.apiKey(hash: Self.hash(1)))
    #expect(identity.user.username == nil && identity.user.role == nil && !identity.user.hasProfile)
    #expect(identity.owner == test.user)
    let access = try await test.store.roles(of: key.userID, channelID: test.channel.id, packageName: "a")
    #expect(access == AccessRoles(channel: .member, package: .owner))
    #expect(try await test.store.channelMembers(test.channel.id).map(\.user.username) == ["alice"])
    #expect(try await test.store.channelSummary(id: test.channel.id)?.membersCount == 2)
    #expect(try await test.store.users(matching: nil, only: nil).rows.count == 1)
  }

  @Test(arguments: [
    KeyRole(channel: "other", package: nil, role: .owner),
    KeyRole(channel: "main", package: "b", role: .owner),
    KeyRole(channel: "", package: nil, role: .owner),
  ]) func aScopedKeyForSomethingUnknownIsRefusedWhole(_ role: KeyRole) async throws {
    let test = try await TestStore()
    let good = KeyRole(channel: "main", package: nil, role: .member)
    #expect(await kind { _ = try await create(test, 1, [good, role]) } == .notFound)
    #expect(try await test.text("SELECT count(*) FROM user") == ["1"])
    #expect(try await test.text("SELECT count(*) FROM apiKey") == ["0"])
  }

  @Test func aHashIsStoredOnce() async throws {
    let test = try await TestStore()
    _ = try await create(test, 1)
    #expect(await kind { _ = try await create(test, 1) } == .conflict(what: "apiKey"))
  }

  @Test func fullKeysAreListedBeforeScopedOnesAndDeletedOnesNotAtAll() async throws {
    let test = try await TestStore()
    let scope = [KeyRole(channel: "main", package: nil, role: .member)]
    let keys = try await [create(test, 1, scope), create(test, 2), create(test, 3, scope), create(test, 4)]
    try await test.store.deleteAPIKey(id: keys[3].id)
    let listed = try await test.store.apiKeys(ownedBy: test.user.id)
    #expect(listed.map(\.id) == [keys[1].id, keys[0].id, keys[2].id])
    #expect(listed.map { $0.roles?.count } == [nil, 1, 1])
    #expect(try await test.store.apiKeys(ownedBy: keys[0].userID).isEmpty)
  }

  @Test func aDeletedKeyNeverWorksAgainButStaysKnown() async throws {
    let test = try await TestStore()
    let key = try await create(test, 1)
    for _ in 0..<2 { try await test.store.deleteAPIKey(id: key.id) }
    #expect(try await test.store.apiKey(hash: Self.hash(1)) == nil)
    #expect(try await test.store.apiKey(id: key.id)?.isDeleted == true)
    #expect(await kind { try await test.store.deleteAPIKey(id: UUID()) } == .notFound)
    #expect(await kind { _ = try await create(test, 1) } == .conflict(what: "apiKey"))
  }

  @Test func theLastUseOnlyMovesForward() async throws {
    let test = try await TestStore()
    let key = try await create(test, 1)
    for time in [Times.later, Times.start] {
      try await test.store.touchAPIKeys([key.id: time, UUID(): time])
    }
    #expect(try await test.store.apiKey(id: key.id)?.lastUsed?.milliseconds == Times.later.milliseconds)
  }
}
