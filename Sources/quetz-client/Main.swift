import ArgumentParser
import Client
import Foundation

/// The client's executable: turns command-line mistakes into exit code 2 and failures of the server into 1 or 3.
@main
enum Main {
  static func main() async {
    do {
      var command = try QuetzClientCommand.parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      leave(after: error)
    }
  }

  private static func leave(after error: any Error) -> Never {
    if let failure = error as? RegistryError {
      Terminal.complain("quetz-client: \(failure)")
      exit(failure.exitCode)
    }
    let code = QuetzClientCommand.exitCode(for: error)
    // ArgumentParser says EX_USAGE (64) for what everybody else calls 2.
    guard code == .validationFailure else { QuetzClientCommand.exit(withError: error) }
    Terminal.complain(QuetzClientCommand.fullMessage(for: error))
    exit(2)
  }
}

/// `quetz-client`: uploads and small administration from a shell or from CI.
struct QuetzClientCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quetz-client",
    abstract: "Uploads conda packages to a Quetz server and looks after its channels.",
    usage: """
      quetz-client URL/api/channels/CHANNEL FILE... [--force] [--skip-existing]
      quetz-client post_file_to_channel CHANNEL FILE... [--force]
      quetz-client <command> ...
      """,
    discussion: """
      The server and the key come from --url and --token or from the environment:
        QUETZ_SERVER_URL   e.g. http://127.0.0.1:8000
        QUETZ_API_KEY      the key; preferred, because other users can see command lines

      Exit codes:
        0   everything uploaded, or skipped because it exists (--skip-existing)
        1   the server refused something, or a file could not be read
        2   the command line is wrong, or a file is missing or no package; nothing was sent
        3   the server cannot be reached
      """,
    subcommands: [
      UploadCommand.self, PostFileToChannelCommand.self, ChannelsCommand.self, CreateChannelCommand.self,
      DeleteChannelCommand.self, PackagesCommand.self, KeysCommand.self, CreateKeyCommand.self,
      DeleteKeyCommand.self,
    ],
    defaultSubcommand: UploadCommand.self)
}
