import APITypes
import ArgumentParser
import Client

/// `quetz-client keys`
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "List your keys: identifier, last day, roles, description.")

  @OptionGroup var server: ServerOptions

  func run() async throws {
    for key in try await server.client().apiKeys() {
      let roles = key.roles.map { roles in roles.map(Self.text).joined(separator: ",") } ?? "all"
      Terminal.say("\(key.key)\t\(key.expireAt ?? "-")\t\(roles)\t\(key.description)")
    }
  }

  private static func text(_ role: APIKeyRoleBody) -> String {
    "\(role.channel)\(role.package.map { "/\($0)" } ?? ""):\(role.role)"
  }
}

/// `quetz-client create-key DESCRIPTION`
struct CreateKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create-key",
    abstract: "Make a key and print it, once; without --channel it may do all that you may.")

  @Argument(help: "What the key is for.")
  var description: String

  @Option(help: ArgumentHelp("The key's last day.", valueName: "YYYY-MM-DD"))
  var expires: String?

  @Option(help: "The only channel the key is for.")
  var channel: String?

  @Option(help: "What it may do there: owner, maintainer or member.")
  var role = "maintainer"

  @OptionGroup var server: ServerOptions

  func run() async throws {
    let roles = channel.map { [APIKeyRoleBody(channel: $0, role: role)] } ?? []
    let key = try await server.client().createAPIKey(
      description: description, expiresOn: expires, roles: roles)
    Terminal.say(key.key)
  }
}

/// `quetz-client delete-key KEY`
struct DeleteKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-key", abstract: "End a key, named by its identifier in the list.")

  @Argument(help: "The key's identifier.")
  var key: String

  @OptionGroup var server: ServerOptions

  func run() async throws {
    try await server.client().deleteAPIKey(key)
    Terminal.say("deleted")
  }
}
