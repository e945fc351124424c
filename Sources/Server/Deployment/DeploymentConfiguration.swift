import Foundation

/// Finds and reads a deployment's configuration.
///
/// The file is `QUETZ_CONFIG_FILE` if that is set (an explicit path wins), else the deployment's `config.toml`; none is
/// needed where the environment says enough.
package struct DeploymentConfiguration: Sendable {
  let deployment: Deployment
  let environment: [String: String]

  package init(deployment: Deployment, environment: [String: String]) {
    self.deployment = deployment
    self.environment = environment
  }

  package func load() throws -> ConfigurationLoader.Loaded {
    let loader = ConfigurationLoader(environment: environment)
    let path = environment["QUETZ_CONFIG_FILE"] ?? deployment.configFile
    guard FileManager.default.fileExists(atPath: path) else {
      guard environment["QUETZ_CONFIG_FILE"] == nil else {
        throw ConfigurationError(problems: [
          .init(key: "QUETZ_CONFIG_FILE", message: "there is no file \(path)")
        ])
      }
      return try loader.load(toml: nil)
    }
    return try loader.load(toml: String(contentsOfFile: path, encoding: .utf8), fileName: path)
  }

  /// What `--create-conf` writes.
  static func fresh(development: Bool) throws -> String {
    let secret = try SecureRandom.bytes(32).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return """
      # Made by `quetz create --create-conf`. Every option with its default: config/config.toml in the sources.

      [sqlalchemy]
      database_url = "sqlite:///./quetz.sqlite"

      [session]
      # Signs session cookies: keep it to yourself.
      secret = "\(secret)"
      https_only = \(development ? "false" : "true")

      """
  }
}
