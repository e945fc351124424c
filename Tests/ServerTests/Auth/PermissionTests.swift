import Foundation
import Metadata
import Server
import Testing

/// The permission table against the contract's own (quetz-api.md §1, §2.3 to §2.5), written down in
/// `PermissionContract` a second time, in the contract's layout.
@Suite struct PermissionTests {
  static let roles: [Role?] = [nil, .member, .maintainer, .owner]

  private static func column(_ role: Role?) -> Int? {
    switch role {
    case .owner: 0
    case .maintainer: 1
    case .member: 2
    case nil: nil
    }
  }

  /// What the contract says, step by step in its own words.
  private static func expectation(
    _ row: PermissionContract.Row, _ situation: Permission.Situation
  ) -> Int {
    // Order of checks: what the path names comes first.
    if !situation.exists { return 404 }
    if row.extra.contains("open") { return 200 }
    // "Public channel: everything in 'read' is open to everybody, anonymous included."
    if row.extra.contains("read"), !situation.isPrivate { return 200 }
    // "Private channel: anonymous -> E401"
    if situation.credential == .anonymous { return 401 }
    if situation.credential == .scopedKey, row.extra.contains("person") { return row.refusal }
    if situation.credential != .session, row.extra.contains("browser") { return row.refusal }
    if row.extra.contains("user") { return 200 }
    if row.extra.contains("self"), situation.isOwn { return 200 }
    for (role, answers) in [
      (situation.serverRole, row.server), (situation.channelRole, row.channel),
      (situation.packageRole, row.package),
    ] {
      if let place = column(role), Array(answers)[place] == "y" { return 200 }
    }
    // "logged in without role -> E403"
    return row.refusal
  }

  /// Every situation the table can be asked about.
  static let situations: [Permission.Situation] = {
    var situations: [Permission.Situation] = []
    for credential in CredentialKind.allCases {
      for server in roles {
        for channel in roles {
          for package in roles {
            for flags in 0..<8 {
              situations.append(
                Permission.Situation(
                  credential: credential, serverRole: server, channelRole: channel, packageRole: package,
                  isPrivate: flags & 1 == 0, isOwn: flags & 2 == 0, exists: flags & 4 == 0))
            }
          }
        }
      }
    }
    return situations
  }()

  @Test func hasARowForEveryAction() {
    #expect(PermissionContract.rows.map(\.action) == Action.allCases)
    #expect(
      PermissionContract.rows.allSatisfy {
        $0.server.count == 3 && $0.channel.count == 3 && $0.package.count == 3
      })
  }

  @Test(arguments: PermissionContract.rows) func agreesWithTheContract(row: PermissionContract.Row) {
    var differences = 0
    for situation in Self.situations
    where Permission.decide(row.action, situation).status != Self.expectation(row, situation) {
      differences += 1
      if differences == 1 {
        Issue.record("\(situation): \(Permission.decide(row.action, situation))")
      }
    }
    #expect(differences == 0)
  }

  @Test func countsItsCells() {
    let cells = PermissionContract.rows.count * Self.situations.count
    print(
      "PermissionTests: \(cells) cells (\(PermissionContract.rows.count) actions x \(Self.situations.count) situations)"
    )
    #expect(Self.situations.count == 2048)
  }

  @Test(arguments: Action.allCases) func neverGivesMoreToALowerRole(action: Action) {
    let order = Self.roles
    for index in order.indices.dropLast() {
      for isPrivate in [true, false] {
        for place in [\Permission.Situation.serverRole, \.channelRole, \.packageRole] {
          var lower = Permission.Situation(credential: .fullKey, isPrivate: isPrivate)
          var higher = lower
          lower[keyPath: place] = order[index]
          higher[keyPath: place] = order[index + 1]
          if Permission.decide(action, lower) == .allow {
            #expect(Permission.decide(action, higher) == .allow)
          }
        }
      }
    }
  }

  @Test func isPrintedInTheDocuments() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/API.md"), encoding: .utf8)
    let (start, end) = ("<!-- permissions -->\n", "\n<!-- /permissions -->")
    let from = try #require(text.range(of: start)).upperBound
    let until = try #require(text.range(of: end)).lowerBound
    #expect(String(text[from..<until]) == PermissionTable.markdown)
  }
}
