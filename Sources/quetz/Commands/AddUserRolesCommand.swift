import ArgumentParser
import Metadata
import Server

struct AddUserRolesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add-user-roles",
    abstract: "Give the roles of [users] to users who exist and have none, or the default one.")

  @Argument(help: "The deployment's folder.")
  var path: String

  func run() async throws {
    try await Terminal.aborting {
      try await withDeploymentDatabase(path) { metadata, configuration in
        try metadata.migrate()
        let changes = try await UserRoleAssignment(metadata: metadata, configuration: configuration.users)
          .run()
        for change in changes { Terminal.print(change) }
      }
    }
  }
}
