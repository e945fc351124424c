import Foundation
import HTTPTypes
import Logging
import Metadata
import Server
import Testing

/// What `--dev` puts into a deployment (quetz-api.md §6.2).
@Suite struct DevelopmentDataTests {
  private static func withDeployment(
    configuration: String = "", _ body: (Deployment, MetadataStore, [String]) async throws -> Void
  ) async throws {
    let folder = NSTemporaryDirectory() + "quetz-development-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let deployment = Deployment(path: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let text = DeploymentCreationTests.configuration + "\n" + configuration
    try text.write(toFile: deployment.configFile, atomically: true, encoding: .utf8)
    let messages = DeploymentCreationTests.Messages()
    var creation = DeploymentCreation(deployment: deployment, report: { messages.add($0) })
    creation.development = true
    try await creation.run()
    let loaded = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
    let metadata = try MetadataStore.open(at: deployment.databaseFile(loaded.configuration.database))
    defer { try? metadata.close() }
    try await body(deployment, metadata, messages.all)
  }

  @Test func hasUpstreamsUsers() async throws {
    try await Self.withDeployment(
      configuration: "[users]\nadmins = [\"dummy:alice\"]\nmembers = [\"dummy:carol\"]"
    ) { _, metadata, _ in
      let users = try await metadata.users(matching: nil).rows
      #expect(users.map(\.username) == ["alice", "bob", "carol", "dave"])
      #expect(users.map(\.name) == ["Alice", "Bob", "Carol", "Dave"])
      #expect(users.allSatisfy { $0.avatarURL == "/avatar.jpg" })
      #expect(users.map(\.role) == [.owner, nil, .member, nil])
      for (number, user) in users.enumerated() {
        #expect(try await metadata.user(provider: "dummy", identityID: String(number))?.id == user.id)
      }
    }
  }

  @Test func hasUpstreamsChannelsAndPackages() async throws {
    try await Self.withDeployment { _, metadata, _ in
      let channels = try await metadata.allChannels()
      #expect(channels.map(\.name) == ["channel0", "channel1", "channel2"])
      for (number, channel) in channels.enumerated() {
        #expect(!channel.isPrivate)
        #expect(channel.description == "Description of channel\(number)")
        let members = try await metadata.channelMembers(channel.id)
        #expect(members.map(\.role) == [.owner])
        let packages = try await metadata.packages(channelID: channel.id).rows
        let names = Set(packages.map(\.name))
        #expect(names.contains("xtensor") == (number == 0))
        #expect((30...61).contains(packages.count))
        #expect((0..<30).allSatisfy { names.contains("package\($0)") })
        #expect(packages.allSatisfy { $0.summary == "Summary of \($0.name)" && $0.currentVersion == nil })
      }
    }
  }

  @Test func printsAKeyOfTheFirstChannelsOwnerAsScriptsParseIt() async throws {
    try await Self.withDeployment { _, metadata, messages in
      #expect(messages.count == 1)
      let line = try #require(messages.first)
      let match = try #require(
        line.wholeMatch(of: /Test API key created for user "([a-z]+)": ([A-Za-z0-9-]+)/))
      // The pattern that upstream's users have in their scripts.
      #expect(line.firstMatch(of: /key created for user.*: (.*)/)?.1 == match.2)
      let identity = try #require(try await metadata.apiKey(hash: APIKeySecret(text: String(match.2)).hash()))
      #expect(identity.user.username == String(match.1))
      let channel = try #require(try await metadata.channel(named: "channel0"))
      #expect(try await metadata.channelMembers(channel.id).first?.user.id == identity.user.id)
      #expect(identity.key.roles == nil)
    }
  }

  @Test func isIndexedWhenTheServerStarts() async throws {
    try await Self.withDeployment { deployment, metadata, _ in
      try metadata.close()
      try await TestApp.run(deployment) { app in
        for channel in ["channel0", "channel1", "channel2"] {
          for file in [
            "noarch/repodata.json", "noarch/repodata.json.zst", "noarch/repodata_shards.msgpack.zst",
            "channeldata.json", "",
          ] {
            #expect(try await app.send(.get, "/get/\(channel)/\(file)").status == 200, "\(channel)/\(file)")
          }
        }
        let login = try await app.send(.get, "/api/dummylogin/alice")
        #expect(login.status == 307)
      }
    }
  }

  @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("0.0.0.0", false), ("192.0.2.1", false)])
  func opensThePasswordlessLoginOnThisMachineOnly(host: String, isOpen: Bool) async throws {
    try await Self.withDeployment { deployment, _, _ in
      let configuration = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
        .configuration
      let server = try await QuetzServer.build(
        deployment: deployment, configuration: configuration, options: ServeOptions(host: host, port: 0),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      #expect(server.services.isDevelopment == isOpen)
      try await server.close()
    }
  }
}
