package import Foundation
import Metadata

/// The data of a `--dev` deployment (quetz-api.md §6.2): four users, three public channels, a key.
package struct DevelopmentData: Sendable {
  let metadata: MetadataStore
  let configuration: ServerConfiguration

  /// Marks the deployment in the database: only such a deployment has the password-less login.
  package static let settingName = "development"

  /// The key that is printed, once.
  package struct Key: Sendable {
    package let username: String
    package let secret: String
  }

  package func create(now: Date = Date()) async throws -> Key {
    let users = try await createUsers(now: now)
    var owners: [UserRow] = []
    for number in 0...2 {
      let owner = users[Int.random(in: users.indices)]
      owners.append(owner)
      try await createChannel(number, owner: owner, users: users, now: now)
    }
    try await metadata.setValue("true", of: Self.settingName)
    let secret = try APIKeySecret.generate()
    _ = try await metadata.createAPIKey(
      hash: secret.hash(), prefix: secret.prefix, description: "test API key", createdOn: now, expiresOn: nil,
      owner: owners[0].id, roles: [])
    return Key(username: owners[0].username ?? "", secret: secret.text)
  }

  private func createUsers(now: Date) async throws -> [UserRow] {
    var users: [UserRow] = []
    for (number, name) in ["alice", "bob", "carol", "dave"].enumerated() {
      let identity = UsersConfiguration.Identity(provider: "dummy", login: name)
      users.append(
        try await metadata.createUser(
          username: name, role: configuration.users.roles[identity], name: name.capitalized,
          avatarURL: "/avatar.jpg", identity: (provider: "dummy", identityID: String(number), login: name),
          now: now))
    }
    return users
  }

  private func createChannel(_ number: Int, owner: UserRow, users: [UserRow], now: Date) async throws {
    let channel = try await metadata.createChannel(
      NewChannel(
        name: "channel\(number)", description: "Description of channel\(number)", isPrivate: false,
        sizeLimit: nil, ttl: 36_000, mirrorChannelURL: nil, mirrorMode: nil, metadata: nil),
      owner: owner.id, now: now)
    var names = (0..<Int.random(in: 30...60)).map { "package\($0)" }
    if number == 0 { names.append("xtensor") }
    for name in names {
      _ = try await metadata.createPackage(
        channelID: channel.id, name: name, summary: "Summary of \(name)",
        description: "Description of \(name)",
        owner: users[Int.random(in: users.indices)].id, now: now)
    }
    try await metadata.ensureSubdir(channelID: channel.id, subdir: "noarch")
  }
}
