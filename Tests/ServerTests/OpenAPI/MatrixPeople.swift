import Foundation
import HTTPTypes
import Metadata
import Server
import Testing

/// Who asks in the permission matrix, and what the table is told about them.
struct MatrixCaller: Sendable {
  let name: String
  let headers: HTTPFields
  let situation: Permission.Situation
}

/// The accounts of the matrix, made once: one for every role in every place, and some with bad keys.
struct MatrixPeople: Sendable {
  let app: TestApp
  /// Callers whose rights do not depend on a channel.
  let steady: [MatrixCaller]
  /// User and key per role, for channels and for packages.
  let channelMembers: [Role: (id: UUID, key: String)]
  let packageMembers: [Role: (id: UUID, key: String)]
  let owner: UUID

  static let roles = [Role.member, .maintainer, .owner]

  static func make(_ app: TestApp) async throws -> MatrixPeople {
    let owner = try #require(app.userIDs["owner"])
    _ = try await user(app, "bystander")  // whom roles are given to and taken from
    var steady = [
      MatrixCaller(name: "anonymous", headers: [:], situation: .init(credential: .anonymous))
    ]
    let expired = try await app.createKey(as: "owner", expires: "2001-01-01")
    let deleted = try await app.createKey(as: "owner")
    #expect(try await app.send(.delete, "/api/api-keys/\(deleted)", as: "owner").status == 200)
    for (name, key) in [("unknown key", "qz-unknown"), ("expired key", expired), ("deleted key", deleted)] {
      steady.append(
        MatrixCaller(name: name, headers: [.apiKey: key], situation: .init(credential: .anonymous)))
    }
    for (name, role) in [
      ("nobody", nil), ("member", .member), ("maintainer", .maintainer), ("owner", .owner),
    ]
      as [(String, Role?)]
    {
      steady.append(
        MatrixCaller(
          name: "server \(name)", headers: [.apiKey: try #require(app.keys[name])],
          situation: .init(credential: .fullKey, serverRole: role)))
      steady.append(
        MatrixCaller(
          name: "session of server \(name)", headers: try await session(app, name),
          situation: .init(credential: .session, serverRole: role)))
    }
    return MatrixPeople(
      app: app, steady: steady, channelMembers: try await users(app, "channel"),
      packageMembers: try await users(app, "package"), owner: owner)
  }

  /// A session with the proof that a page of the server sends.
  static func session(_ app: TestApp, _ user: String) async throws -> HTTPFields {
    let answer = try await app.send(.get, "/api/dummylogin/\(user)")
    let cookie = try #require(answer.headers[.setCookie])
    return [
      .cookie: String(cookie.prefix { $0 != ";" }),
      try #require(HTTPField.Name("Sec-Fetch-Site")): "same-origin",
    ]
  }

  private static func users(_ app: TestApp, _ place: String) async throws -> [Role: (id: UUID, key: String)] {
    var users: [Role: (id: UUID, key: String)] = [:]
    for role in roles {
      let id = try await user(app, "\(place)-\(role.rawValue)")
      users[role] = (id, try await key(app, of: id))
    }
    return users
  }

  static func user(_ app: TestApp, _ name: String) async throws -> UUID {
    try await app.metadata.createUser(
      username: name, role: nil, name: name, avatarURL: "",
      identity: (provider: "dummy", identityID: name, login: name), now: Date()
    ).id
  }

  static func key(_ app: TestApp, of owner: UUID, roles: [KeyRole] = []) async throws -> String {
    let secret = try APIKeySecret.generate()
    _ = try await app.metadata.createAPIKey(
      hash: secret.hash(), prefix: secret.prefix, description: "", createdOn: Date(), expiresOn: nil,
      owner: owner, roles: roles)
    return secret.text
  }
}
