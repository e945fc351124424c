import CondaTypes
import Foundation
import HTTPTypes
import TestSupport
import Testing

@Suite struct ClientTests {
  private func package(_ name: String, _ format: ArtifactFormat = .conda) throws -> (
    name: String, bytes: [UInt8]
  ) {
    let builder = PackageBuilder(name: name, version: "1.0", build: "0", format: format)
    return (builder.fileName, try builder.bytes())
  }

  @Test func uploadsInBothFormsPeopleKnow() async throws {
    try await RunningServer.with { server in
      let (first, second) = (try package("first"), try package("second", .tarBzip2))
      let environment = ["QUETZ_API_KEY": server.key, "QUETZ_SERVER_URL": server.url]
      let byAddress = try await Program.client.run(
        ["\(server.url)/api/channels/channel0", server.writePackage(first.bytes, named: first.name)],
        environment: ["QUETZ_API_KEY": server.key])
      #expect(byAddress.exitCode == 0, "\(byAddress.errors)")
      let path = try server.writePackage(second.bytes, named: second.name)
      let byCommand = try await Program.client.run(
        ["post_file_to_channel", "channel0", path], environment: environment)
      #expect(byCommand.exitCode == 0, "\(byCommand.errors)")

      let again = try await Program.client.run(
        ["post_file_to_channel", "channel0", path], environment: environment)
      #expect(again.exitCode == 1)
      #expect((again.output + again.errors).contains("409"))
      for option in ["--skip-existing", "--force"] {
        let outcome = try await Program.client.run(
          ["post_file_to_channel", "channel0", path, option], environment: environment)
        #expect(outcome.exitCode == 0, "\(option): \(outcome.errors)")
      }
      for name in [first.name, second.name] {
        let versions = try await server.send(
          .get, "/api/channels/channel0/packages/\(name.prefix { $0 != "-" })/versions")
        #expect(versions.text.contains(name))
      }
    }
  }

  @Test func aWrongKeyIsRefusedWithoutBeingRepeated() async throws {
    try await RunningServer.with { server in
      let demo = try package("demo")
      let outcome = try await Program.client.run(
        ["\(server.url)/api/channels/channel0", server.writePackage(demo.bytes, named: demo.name)],
        environment: ["QUETZ_API_KEY": "qz-not-a-key"])
      #expect(outcome.exitCode == 1)
      #expect(!(outcome.output + outcome.errors).contains("qz-not-a-key"))
    }
  }
}
