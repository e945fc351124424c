import Metadata
import Server
import Testing

/// The permission table against the contract's own (quetz-api.md §2.4 and §2.5), written down here a second time in
/// its layout: channel owner, maintainer, member, then package owner, maintainer, member.
@Suite struct PermissionTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let action: Action
    /// `y` or `n` for each of the six columns.
    let columns: String
    /// Server roles below "elevated" that are enough by themselves: `m` for member.
    var server = ""
    var isRead = false
    var testDescription: String { action.rawValue }
  }

  static let rows = [
    Row(action: .readChannel, columns: "yyy nnn", isRead: true),
    Row(action: .readPackage, columns: "yyy yyy", isRead: true),
    Row(action: .createChannel, columns: "nnn nnn", server: "m"),
    Row(action: .deleteChannel, columns: "yyn nnn"),
    Row(action: .createPackage, columns: "yyn nnn"),
    Row(action: .deletePackage, columns: "yyn yyn"),
    Row(action: .deleteVersion, columns: "yyn yyn"),
    Row(action: .upload, columns: "yyn nnn"),
    Row(action: .uploadToPackage, columns: "yyn yyn"),
    Row(action: .overwrite, columns: "ynn ynn"),
  ]

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
    _ row: Row, server: Role?, channel: Role?, package: Role?, isPrivate: Bool, isSignedIn: Bool
  ) -> Permission.Decision {
    // "Public channel: everything in 'read' is open to everybody, anonymous included."
    if row.isRead, !isPrivate { return .allow }
    // "Private channel: anonymous -> E401"
    if !isSignedIn { return .needsLogin }
    // "Elevated users always pass."
    if server == .owner || server == .maintainer { return .allow }
    if server == .member, row.server.contains("m") { return .allow }
    let answers = Array(row.columns.filter { $0 != " " })
    if let place = column(channel), answers[place] == "y" { return .allow }
    if let place = column(package), answers[3 + place] == "y" { return .allow }
    // "logged in without role -> E403"
    return .refuse
  }

  @Test func hasARowForEveryAction() {
    #expect(Set(Self.rows.map(\.action)) == Set(Action.allCases))
    #expect(Self.rows.count == Action.allCases.count)
    #expect(Self.rows.allSatisfy { $0.columns.count == 7 })
  }

  @Test(arguments: rows) func agreesWithTheContract(row: Row) {
    for server in Self.roles {
      for channel in Self.roles {
        for package in Self.roles {
          for isPrivate in [true, false] {
            for isSignedIn in [true, false] {
              let situation = Permission.Situation(
                isSignedIn: isSignedIn, serverRole: server, channelRole: channel, packageRole: package,
                isPrivate: isPrivate)
              let expected = Self.expectation(
                row, server: server, channel: channel, package: package, isPrivate: isPrivate,
                isSignedIn: isSignedIn)
              #expect(Permission.decide(row.action, situation) == expected, "\(situation)")
            }
          }
        }
      }
    }
  }

  @Test func countsItsCells() {
    let perAction = Self.roles.count * Self.roles.count * Self.roles.count * 2 * 2
    let cells = Self.rows.count * perAction
    print("PermissionTests: \(cells) cells (\(Self.rows.count) actions x \(perAction) situations)")
    #expect(cells == 2560)
  }

  @Test(arguments: Action.allCases) func neverGivesMoreToALowerRole(action: Action) {
    let order = Self.roles
    for index in order.indices.dropLast() {
      for isPrivate in [true, false] {
        let lower = Permission.Situation(isSignedIn: true, channelRole: order[index], isPrivate: isPrivate)
        let higher = Permission.Situation(
          isSignedIn: true, channelRole: order[index + 1], isPrivate: isPrivate)
        if Permission.decide(action, lower) == .allow { #expect(Permission.decide(action, higher) == .allow) }
      }
    }
  }
}
