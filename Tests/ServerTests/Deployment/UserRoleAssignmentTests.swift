import CondaTypes
import Foundation
import Metadata
import Testing

@testable import Server

@Suite struct UserRoleAssignmentTests {
  private static func configuration(_ values: [String: JSONValue]) -> UsersConfiguration {
    var reader = ConfigurationReader(sections: ["users": values])
    return UsersConfiguration(reading: &reader)
  }

  /// Users of a new database by login, each with a role and the provider `github`.
  private static func withUsers(
    _ roles: [String: Role?], _ body: (MetadataStore) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-roles-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let metadata = try MetadataStore.open(at: folder + "/quetz.sqlite")
    try metadata.migrate()
    for (login, role) in roles {
      _ = try await metadata.createUser(
        username: login, role: role, name: nil, avatarURL: "",
        identity: (provider: "github", identityID: "id-\(login)", login: login), now: Date())
    }
    try await body(metadata)
    try metadata.close()
  }

  @Test func givesRolesToUsersWithoutOne() async throws {
    try await Self.withUsers(["a": nil, "b": nil, "c": nil, "d": nil]) { metadata in
      let users = Self.configuration([
        "admins": ["github:a"], "maintainers": ["github:b"],
        "members": ["github:c", "github:nobody", "dummy:d"],
      ])
      let changes = try await UserRoleAssignment(metadata: metadata, configuration: users).run()
      #expect(changes == ["github:a is owner now", "github:b is maintainer now", "github:c is member now"])
      var roles: [Role?] = []
      for name in ["a", "b", "c", "d"] { roles.append(try await metadata.user(named: name)?.role) }
      #expect(roles == [.owner, .maintainer, .member, nil])
      #expect(try await UserRoleAssignment(metadata: metadata, configuration: users).run().isEmpty)
    }
  }

  @Test func leavesRolesThatSomebodyGave() async throws {
    try await Self.withUsers(["a": .owner, "b": .maintainer, "c": .member]) { metadata async throws in
      let users = Self.configuration([
        "admins": ["github:b"], "members": ["github:a"], "maintainers": ["github:c"],
      ])
      #expect(try await UserRoleAssignment(metadata: metadata, configuration: users).run().isEmpty)
      #expect(try await metadata.user(named: "a")?.role == .owner)
      #expect(try await metadata.user(named: "b")?.role == .maintainer)
    }
  }

  @Test func replacesTheDefaultRole() async throws {
    try await Self.withUsers(["a": .member, "b": .maintainer, "c": nil]) { metadata in
      let users = Self.configuration([
        "admins": ["github:a", "github:b"], "maintainers": ["github:c"], "default_role": "member",
      ])
      let changes = try await UserRoleAssignment(metadata: metadata, configuration: users).run()
      #expect(changes == ["github:a is owner now", "github:c is maintainer now"])
      #expect(try await metadata.user(named: "b")?.role == .maintainer)
    }
  }
}
