import ArgumentParser
import Metadata
import Server

struct CreateUserCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create-user",
    abstract: "Add a user to a stopped deployment, or find them, and print a new API key for them.",
    discussion: "The key is printed once; only its hash is kept.")

  @Argument(help: "The deployment's folder.")
  var path: String

  @Argument(help: "The user's name.")
  var username: String

  @Option(help: "The server role: owner, maintainer or member (default: [users] lists, then default_role).")
  var role: String?

  func validate() throws {
    if let role, Role(rawValue: role) == nil {
      throw ValidationError("--role must be owner, maintainer or member")
    }
    guard !username.isEmpty, username.utf8.count <= 100, username.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
    else {
      throw ValidationError("a user name has 1 to 100 characters and no spaces")
    }
  }

  func run() async throws {
    try await Terminal.aborting {
      try await withDeploymentDatabase(path) { metadata, configuration in
        try metadata.migrate()
        let listed = configuration.users.role(of: username, provider: "local")
        let secret = try await UserCreation(metadata: metadata).run(
          username: username, role: role.flatMap(Role.init(rawValue:)) ?? listed)
        Terminal.print("API key created for user \"\(username)\": \(secret.text)")
      }
    }
  }
}
