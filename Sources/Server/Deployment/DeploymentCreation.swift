import Foundation
import Logging
import Metadata

/// Makes a deployment, as `quetz create` and `quetz run` do (quetz-api.md §6.1, in its order of checks).
package struct DeploymentCreation: Sendable {
  package var deployment: Deployment
  /// A config.toml to copy in.
  package var copyConfiguration: String?
  /// Writes a fresh config.toml.
  package var createConfiguration: Bool
  /// Replaces a deployment that is there; only together with one of the two above.
  package var delete: Bool
  /// Leaves a deployment that is there as it is.
  package var existsOK: Bool
  /// Fills in users, channels and packages to play with, and allows the password-less login.
  package var development: Bool
  package var environment: [String: String]
  /// Where a user reads what happens.
  package var report: @Sendable (String) -> Void

  package init(
    deployment: Deployment, copyConfiguration: String? = nil, createConfiguration: Bool = false,
    delete: Bool = false, existsOK: Bool = false, development: Bool = false,
    environment: [String: String] = [:],
    report: @escaping @Sendable (String) -> Void
  ) {
    self.deployment = deployment
    self.copyConfiguration = copyConfiguration
    self.createConfiguration = createConfiguration
    self.delete = delete
    self.existsOK = existsOK
    self.development = development
    self.environment = environment
    self.report = report
  }

  /// - Throws: `DeploymentError` for a refusal, `ConfigurationError` for a configuration that cannot be used.
  package func run() async throws {
    if deployment.exists {
      if delete, copyConfiguration != nil || createConfiguration {
        try Self.remove(deployment)
      } else if existsOK {
        return
      } else {
        throw DeploymentError.exists
      }
    }
    try checkFolder()
    try placeConfiguration()
    let loaded = try DeploymentConfiguration(deployment: deployment, environment: environment).load()
    try FileManager.default.createDirectory(
      atPath: deployment.root, withIntermediateDirectories: true)
    let lock = try DeploymentLock(deployment)
    try await fill(loaded.configuration)
    // Last: this folder is what makes it a deployment, so a crash before leaves something that can be made again.
    try FileManager.default.createDirectory(
      atPath: deployment.packagesFolder, withIntermediateDirectories: true)
    withExtendedLifetime(lock) {}
  }

  /// Removes a deployment's folder, unless a server runs in it.
  package static func remove(_ deployment: Deployment) throws {
    guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
    let lock = try DeploymentLock(deployment)
    try FileManager.default.removeItem(atPath: deployment.root)
    withExtendedLifetime(lock) {}
  }

  /// A folder with anything else in it is somebody's; what an interrupted creation of ours left behind is not.
  private func checkFolder() throws {
    let ours: Set<String> = [
      "config.toml", "quetz.lock", "quetz.sqlite", "quetz.sqlite-wal", "quetz.sqlite-shm", "documents",
      "spool", "building",
    ]
    let names = (try? FileManager.default.contentsOfDirectory(atPath: deployment.root)) ?? []
    let isLeftover = names.contains("quetz.lock")
    guard names.allSatisfy({ $0 == "config.toml" || (isLeftover && ours.contains($0)) }) else {
      throw DeploymentError.notAllowed(deployment.root)
    }
    for name in names where name.hasPrefix("quetz.sqlite") {
      try FileManager.default.removeItem(atPath: deployment.root + "/" + name)
    }
  }

  private func placeConfiguration() throws {
    let files = FileManager.default
    if let source = copyConfiguration {
      guard files.fileExists(atPath: source) else { throw DeploymentError.configurationToCopyMissing(source) }
      try files.createDirectory(atPath: deployment.root, withIntermediateDirectories: true)
      report("Copying config file from \(source) to \(deployment.configFile)")
      if files.fileExists(atPath: deployment.configFile) {
        try files.removeItem(atPath: deployment.configFile)
      }
      try files.copyItem(atPath: source, toPath: deployment.configFile)
    } else if createConfiguration, !files.fileExists(atPath: deployment.configFile) {
      try files.createDirectory(atPath: deployment.root, withIntermediateDirectories: true)
      try DeploymentConfiguration.fresh(development: development)
        .write(toFile: deployment.configFile, atomically: true, encoding: .utf8)
      // The session secret is in there.
      try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: deployment.configFile)
    }
    let hasFile = files.fileExists(atPath: deployment.configFile) || environment["QUETZ_CONFIG_FILE"] != nil
    guard hasFile || ConfigurationLoader(environment: environment).hasEnvironmentSettings else {
      throw DeploymentError.noConfiguration
    }
  }

  private func fill(_ configuration: ServerConfiguration) async throws {
    let metadata = try MetadataStore.open(at: deployment.databaseFile(configuration.database))
    try metadata.migrate()
    if development {
      let key = try await DevelopmentData(metadata: metadata, configuration: configuration).create()
      report("Test API key created for user \"\(key.username)\": \(key.secret)")
    }
    try metadata.close()
  }
}
