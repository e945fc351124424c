import CondaTypes
import CurlHTTP
import Foundation
import Server
import TestSupport

/// One request of the matrix: which declared route, and which rows of the table it asks, in order.
struct MatrixCase: Sendable {
  let id: String
  let actions: [Action]
  var query = ""
  var json: JSONValue?
  /// The file of a form, and its `force` field; the bytes are no package.
  var form: (file: String, force: Bool)?
  /// Whether a success takes away what later requests need.
  var isDestructive = false

  private static let objects: [String: JSONValue] = [
    "setMember": ["username": "bystander", "role": "member"],
    "addPackageMember": ["username": "bystander", "role": "member"],
    "createPackage": ["name": "another"], "addMirror": ["url": "https://mirror.example/get/c"],
    "createJob": ["manifest": "reindex", "items_spec": "none"], "changeJob": [:],
    "yankVersion": ["reason": "as a test"], "setPatch": ["patch_instructions_version": 1],
    "previewPatch": ["patch_instructions_version": 1],
    "addNotice": ["message": "as a test", "expires_at": "2100-01-01"], "setRelations": ["base": "../other"],
  ]
  private static let destructive: Set<String> = [
    "deleteChannel", "deletePackage", "deleteVersion", "deleteKey", "endSessions",
  ]

  /// The plain routes, straight from the declarations, and by hand those whose rights depend on what is said.
  static var all: [MatrixCase] {
    var cases: [MatrixCase] = []
    for route in RouteDeclarations.all(isDevelopment: true) {
      guard case .action(let action) = route.access else { continue }
      cases.append(
        MatrixCase(
          id: route.id, actions: [action], query: plainQuery(route), json: objects[route.id],
          isDestructive: destructive.contains(route.id)))
    }
    return cases + dependent + forms + grants + channelActions
  }

  /// The multipart routes: in a private channel a role for the package alone is not enough.
  private static let forms = ["uploadFiles", "uploadPackageFiles"].flatMap { id in
    let reads: [Action] = id == "uploadFiles" ? [.readChannel] : [.readChannel, .readPackage]
    return [
      MatrixCase(id: id, actions: reads + [.uploadToPackage], form: ("demo-2.0-0.conda", false)),
      MatrixCase(id: id, actions: reads + [.uploadToPackage, .overwrite], form: ("demo-1.0-0.conda", true)),
    ]
  }

  /// Requests that end sessions: every caller gets a new one for them.
  static let endingSessions: Set<String> = ["dummyLogin", "logout", "headLogout", "endSessions"]

  private static func plainQuery(_ route: RouteDeclaration) -> String {
    if route.id == "removeMember" { return "username=bystander" }
    if route.id == "copyArtifact" {
      return "source_channel=source&source_package=demo&subdir=noarch&filename=demo-1.0-0.conda"
    }
    if route.id == "setPatchPackage" { return "filename=demo-1.0-0.conda" }
    return route.query.filter(\.isRequired).map { "\($0.name)=" }.joined(separator: "&")
  }

  /// Where the words of the request decide.
  private static let dependent = [
    MatrixCase(id: "createChannel", actions: [.createChannel], json: ["name": "{unique}"]),
    MatrixCase(
      id: "createChannel", actions: [.createMirrorChannel],
      json: [
        "name": "{unique}", "mirror_mode": "proxy", "mirror_channel_url": "https://example.com/get/c",
      ]),
    MatrixCase(
      id: "createChannel", actions: [.createChannel, .setSizeLimit],
      json: ["name": "{unique}", "size_limit": .null]),
    MatrixCase(id: "changeChannel", actions: [.readChannel, .updateChannel], json: ["ttl": 36000]),
    MatrixCase(
      id: "changeChannel", actions: [.readChannel, .updateChannel, .setSizeLimit],
      json: ["size_limit": .null]),
    MatrixCase(id: "setUserRole", actions: [.setRole], json: ["role": .null]),
    MatrixCase(id: "setUserRole", actions: [.setRole], json: [:]),
    MatrixCase(
      id: "setUserRole", actions: [.setPrivilegedRole], json: ["role": "maintainer"], isDestructive: true),
    MatrixCase(
      id: "setUserRole", actions: [.setPrivilegedRole], json: ["role": "owner"], isDestructive: true),
    MatrixCase(id: "deleteUser", actions: [.deleteUser], isDestructive: true),
    MatrixCase(id: "createKey", actions: [.createFullKey], json: ["description": "x", "roles": []]),
    MatrixCase(id: "pageAudit", actions: [.readServerAudit]),
    MatrixCase(id: "pageAudit", actions: [.readChannelAudit], query: "channel={channel}"),
  ]

  private static let grants: [MatrixCase] = [
    ("owner", nil, Action.grantChannelOwner), ("maintainer", nil, .grantChannelMaintainer),
    ("member", nil, .grantChannelMember), ("owner", "demo", .grantPackageOwner),
    ("maintainer", "demo", .grantPackageMaintainer), ("member", "demo", .grantPackageMember),
  ].map { (role: String, package: String?, action: Action) in
    MatrixCase(
      id: "createKey", actions: [action],
      json: [
        "description": "x",
        "roles": [
          [
            "channel": "{channel}", "role": .string(role),
            "package": package.map { .string($0) } ?? .null,
          ]
        ],
      ])
  }

  private static let channelActions: [MatrixCase] = [
    ("reindex", Action.reindex), ("generate_indexes", .generateIndexes),
    ("validate_packages", .validatePackages), ("synchronize_metrics", .synchronizeMetrics),
    ("cleanup", .cleanup), ("cleanup_dry_run", .cleanupDryRun),
  ].map { (word: String, action: Action) in
    MatrixCase(id: "startAction", actions: [.readChannel, action], json: ["action": .string(word)])
  }
}
