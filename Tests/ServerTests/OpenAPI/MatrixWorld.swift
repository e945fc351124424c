import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// A public or private channel with a package and an artifact, and everybody who can have a role in it.
struct MatrixWorld: Sendable {
  let people: MatrixPeople
  let isPrivate: Bool
  let channel: String
  private(set) var callers: [MatrixCaller]
  /// The user whom routes about users, keys and jobs are about.
  let victim: String
  let victimKeyID: String
  let victimJob: Int64

  var app: TestApp { people.app }

  static func make(_ people: MatrixPeople, isPrivate: Bool, number: Int) async throws -> MatrixWorld {
    let app = people.app
    let channel = (isPrivate ? "shut" : "open") + "\(number)"
    #expect(try await app.createChannel(channel, isPrivate: isPrivate).status == 201)
    #expect(try await app.upload(PackageBuilder(), to: channel).status == 201)
    let row = try #require(try await app.metadata.channel(named: channel))
    let package = try #require(try await app.metadata.package(channelID: row.id, named: "demo"))
    var callers = people.steady
    for role in MatrixPeople.roles {
      let (member, packageMember) = (
        try #require(people.channelMembers[role]), try #require(people.packageMembers[role])
      )
      try await app.metadata.setChannelMember(channelID: row.id, userID: member.id, role: role)
      try await app.metadata.addPackageMember(packageID: package.id, userID: packageMember.id, role: role)
      let scoped = [
        try await MatrixPeople.key(
          app, of: people.owner, roles: [KeyRole(channel: channel, package: nil, role: role)]),
        try await MatrixPeople.key(
          app, of: people.owner, roles: [KeyRole(channel: channel, package: "demo", role: role)]),
      ]
      callers += [
        Self.caller("channel \(role)", member.key, .fullKey, channel: role),
        Self.caller("package \(role)", packageMember.key, .fullKey, package: role),
        Self.caller("scoped channel \(role)", scoped[0], .scopedKey, channel: role),
        Self.caller("scoped package \(role)", scoped[1], .scopedKey, package: role),
      ]
    }
    #expect(try await app.createChannel("foreign-" + channel).status == 201)
    let foreign = try await MatrixPeople.key(
      app, of: people.owner, roles: [KeyRole(channel: "foreign-" + channel, package: nil, role: .owner)])
    callers.append(Self.caller("foreign key", foreign, .scopedKey))
    return try await finish(people, isPrivate, channel, callers)
  }

  /// The same with a new session for everybody who had one.
  func withNewSessions() async throws -> MatrixWorld {
    var world = self
    let prefix = "session of server "
    for (index, caller) in callers.enumerated() where caller.name.hasPrefix(prefix) {
      let headers = try await MatrixPeople.session(app, String(caller.name.dropFirst(prefix.count)))
      world.callers[index] = MatrixCaller(name: caller.name, headers: headers, situation: caller.situation)
    }
    return world
  }

  private static func finish(
    _ people: MatrixPeople, _ isPrivate: Bool, _ channel: String, _ callers: [MatrixCaller]
  ) async throws -> MatrixWorld {
    let app = people.app
    let victim = "victim-" + channel
    let id = try await MatrixPeople.user(app, victim)
    let key = try await MatrixPeople.key(app, of: id)
    let keyID = try #require(try await app.metadata.apiKey(hash: APIKeySecret(text: key).hash())?.key.id)
    let job = try await app.metadata.enqueueJob(
      NewJob(name: "reindex", runAt: Date(timeIntervalSince1970: 7_258_118_400), ownerID: id), now: Date())
    // Another key than the one the routes are about, which they may delete.
    let own = MatrixCaller(
      name: "the user it is about", headers: [.apiKey: try await MatrixPeople.key(app, of: id)],
      situation: .init(credential: .fullKey, isOwn: true))
    return MatrixWorld(
      people: people, isPrivate: isPrivate, channel: channel, callers: callers + [own], victim: victim,
      victimKeyID: keyID.uuidString, victimJob: job.id)
  }

  private static func caller(
    _ name: String, _ key: String, _ credential: CredentialKind, channel: Role? = nil, package: Role? = nil
  ) -> MatrixCaller {
    MatrixCaller(
      name: name, headers: [.apiKey: key],
      situation: .init(credential: credential, channelRole: channel, packageRole: package, isOwn: false))
  }
}
