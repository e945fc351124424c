import ArgumentParser
import Client
import Foundation

/// How to reach the server and who is asking; the same for all commands.
struct ConnectionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The key; better put it in QUETZ_API_KEY.", valueName: "key"))
  var token: String?

  @Flag(help: "Accept any TLS certificate.")
  var insecure = false

  @Flag(help: "Try again up to 10 times after a 5xx answer or a broken connection (otherwise twice).")
  var retry = false

  /// A client for a server; warns when the key would travel in the clear.
  func client(for server: RegistryURL) -> RegistryClient {
    let environment = ProcessInfo.processInfo.environment
    let key = token ?? environment["QUETZ_API_KEY"]
    let client = RegistryClient(
      server: server, apiKey: key?.trimmingCharacters(in: .whitespacesAndNewlines), verifyTLS: !insecure,
      environment: environment, retry: RetryPolicy(retries: retry ? 10 : 2))
    if client.hasKey, server.exposesKeys {
      Terminal.complain("warning: the key is sent in the clear to \(server.host); use https")
    }
    return client
  }
}

/// Which server, where the command does not name it in an upload address.
struct ServerOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The server; otherwise QUETZ_SERVER_URL.", valueName: "url"))
  var url: String?

  @OptionGroup var connection: ConnectionOptions

  func client() throws -> RegistryClient {
    guard let text = url ?? ProcessInfo.processInfo.environment["QUETZ_SERVER_URL"], !text.isEmpty else {
      throw ValidationError("No server: give --url or set QUETZ_SERVER_URL.")
    }
    return connection.client(for: try RegistryURL(parsing: text))
  }
}

extension RegistryError {
  /// See the help text of `quetz-client`.
  var exitCode: Int32 {
    switch self {
    case .transport: 3
    case .invalidURL: 2
    case .refused, .unexpectedAnswer, .unreadableFile: 1
    }
  }
}
