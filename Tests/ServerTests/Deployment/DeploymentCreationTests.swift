import Foundation
import Metadata
import NIOConcurrencyHelpers
import Server
import Testing

@Suite struct DeploymentCreationTests {
  /// What the user was told.
  final class Messages: Sendable {
    private let lines = NIOLockedValueBox<[String]>([])
    var all: [String] { lines.withLockedValue { $0 } }
    func add(_ line: String) { lines.withLockedValue { $0.append(line) } }
  }

  static let configuration = """
    [sqlalchemy]
    database_url = "sqlite:///./quetz.sqlite"
    [session]
    secret = "0123456789abcdef"
    """

  /// A folder that is gone afterwards; it does not exist yet.
  private static func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "quetz-creation-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private static func creation(_ path: String, _ messages: Messages = Messages()) -> DeploymentCreation {
    DeploymentCreation(deployment: Deployment(path: path), report: { messages.add($0) })
  }

  private static func write(_ text: String, to path: String) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test func makesADeploymentWithAFreshConfiguration() async throws {
    try await Self.withFolder { folder in
      var creation = Self.creation(folder + "/new/one")
      creation.createConfiguration = true
      try await creation.run()
      let deployment = Deployment(path: folder + "/new/one")
      #expect(deployment.exists)
      let loaded = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
      #expect(loaded.warnings.isEmpty)
      #expect(loaded.configuration.session.httpsOnly)
      #expect(loaded.configuration.session.secret.value.utf8.count == 64)
      #expect(FileManager.default.fileExists(atPath: deployment.root + "/quetz.sqlite"))
      // The session secret is nobody else's business.
      let attributes = try FileManager.default.attributesOfItem(atPath: deployment.configFile)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }
  }

  @Test func makesAnotherSecretEachTime() async throws {
    var secrets: Set<String> = []
    for _ in 0..<3 {
      try await Self.withFolder { folder in
        var creation = Self.creation(folder)
        creation.createConfiguration = true
        creation.development = true
        try await creation.run()
        let loaded = try DeploymentConfiguration(deployment: Deployment(path: folder), environment: [:])
          .load()
        #expect(!loaded.configuration.session.httpsOnly)
        secrets.insert(loaded.configuration.session.secret.value)
      }
    }
    #expect(secrets.count == 3)
  }

  @Test func copiesAConfiguration() async throws {
    try await Self.withFolder { folder in
      let (source, messages) = (folder + "/source.toml", Messages())
      try Self.write(Self.configuration + "\n# mine", to: source)
      var creation = Self.creation(folder + "/deployment", messages)
      creation.copyConfiguration = source
      try await creation.run()
      let target = Deployment(path: folder + "/deployment").configFile
      #expect(try String(contentsOfFile: target, encoding: .utf8) == Self.configuration + "\n# mine")
      #expect(messages.all == ["Copying config file from \(source) to \(target)"])
    }
  }

  @Test func saysThatTheFileToCopyIsMissing() async throws {
    try await Self.withFolder { folder in
      var creation = Self.creation(folder + "/deployment")
      creation.copyConfiguration = folder + "/none.toml"
      let error = await #expect(throws: DeploymentError.self) { try await creation.run() }
      #expect(error?.description == "Config file to copy does not exist \(folder)/none.toml.")
      #expect(!FileManager.default.fileExists(atPath: folder + "/deployment/packages"))
    }
  }

  @Test func needsAConfigurationFromSomewhere() async throws {
    try await Self.withFolder { folder in
      let creation = Self.creation(folder)
      let error = await #expect(throws: DeploymentError.self) { try await creation.run() }
      #expect(error?.description.hasPrefix("No configuration file provided.") == true)
      #expect(!Deployment(path: folder).exists)
    }
    try await Self.withFolder { folder in
      var creation = Self.creation(folder)
      creation.environment = [
        "QUETZ_SQLALCHEMY_DATABASE_URL": "sqlite:///./quetz.sqlite",
        "QUETZ_SESSION_SECRET": "0123456789abcdef",
      ]
      try await creation.run()
      #expect(Deployment(path: folder).exists)
    }
    try await Self.withFolder { folder in
      try Self.write(Self.configuration, to: folder + "/config.toml")
      try await Self.creation(folder).run()
      #expect(Deployment(path: folder).exists)
    }
  }

  @Test func refusesAFolderWithSomethingElseInIt() async throws {
    try await Self.withFolder { folder in
      try Self.write("precious", to: folder + "/thesis.txt")
      for delete in [false, true] {
        var creation = Self.creation(folder)
        (creation.createConfiguration, creation.delete) = (true, delete)
        let error = await #expect(throws: DeploymentError.self) { try await creation.run() }
        #expect(error?.description.hasPrefix("Quetz deployment not allowed at \(folder).") == true)
      }
      #expect(try String(contentsOfFile: folder + "/thesis.txt", encoding: .utf8) == "precious")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["thesis.txt"])
    }
  }

  @Test func leavesADeploymentThatIsThere() async throws {
    try await Self.withFolder { folder in
      var creation = Self.creation(folder)
      creation.createConfiguration = true
      try await creation.run()
      let deployment = Deployment(path: folder)
      try Self.write("x", to: deployment.packagesFolder + "/sha256/00/x")
      let before = try String(contentsOfFile: deployment.configFile, encoding: .utf8)

      let again = creation
      let error = await #expect(throws: DeploymentError.self) { try await again.run() }
      #expect(
        error?.description
          == "Use the start command to start a deployment or specify --delete with --copy-conf or --create-conf."
      )
      let careless = DeploymentCreation(deployment: deployment, delete: true, report: { _ in })
      await #expect(throws: DeploymentError.exists) { try await careless.run() }
      creation.existsOK = true
      try await creation.run()
      #expect(try String(contentsOfFile: deployment.configFile, encoding: .utf8) == before)
      #expect(FileManager.default.fileExists(atPath: deployment.packagesFolder + "/sha256/00/x"))

      creation.existsOK = false
      creation.delete = true
      try await creation.run()
      #expect(!FileManager.default.fileExists(atPath: deployment.packagesFolder + "/sha256/00/x"))
      #expect(try String(contentsOfFile: deployment.configFile, encoding: .utf8) != before)
    }
  }

  @Test func finishesACreationThatWasCutShort() async throws {
    try await Self.withFolder { folder in
      var creation = Self.creation(folder)
      creation.createConfiguration = true
      try await creation.run()
      let deployment = Deployment(path: folder)
      // As after a crash before the last step.
      try FileManager.default.removeItem(atPath: deployment.packagesFolder)
      #expect(!deployment.exists)
      try await creation.run()
      #expect(deployment.exists)
    }
  }

  @Test func reportsABadConfigurationAndMakesNothing() async throws {
    try await Self.withFolder { folder in
      try Self.write("[session]\nsecret = \"short\"", to: folder + "/config.toml")
      let error = await #expect(throws: ConfigurationError.self) { try await Self.creation(folder).run() }
      #expect(error?.problems.count == 2)
      #expect(!Deployment(path: folder).exists)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["config.toml"])
    }
  }

  @Test func removesADeploymentAndNothingElse() async throws {
    try await Self.withFolder { folder in
      var creation = Self.creation(folder + "/deployment")
      creation.createConfiguration = true
      try await creation.run()
      try Self.write("precious", to: folder + "/thesis.txt")
      let error = #expect(throws: DeploymentError.self) {
        try DeploymentCreation.remove(Deployment(path: folder))
      }
      #expect(error == .notADeployment(folder))
      #expect(
        error?.description.hasPrefix("The specified directory is not a deployment (\(folder)).") == true)
      try DeploymentCreation.remove(Deployment(path: folder + "/deployment"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["thesis.txt"])
    }
  }

  @Test func takesAnExplicitConfigurationFileFirst() async throws {
    try await Self.withFolder { folder in
      try Self.write(Self.configuration, to: folder + "/d/config.toml")
      try Self.write(Self.configuration + "\n[index]\nzstd_level = 7", to: folder + "/other.toml")
      let deployment = Deployment(path: folder + "/d")
      let own = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
      #expect(own.configuration.index.zstdLevel == 17)
      let environment = ["QUETZ_CONFIG_FILE": folder + "/other.toml"]
      let other = try DeploymentConfiguration(deployment: deployment, environment: environment).load()
      #expect(other.configuration.index.zstdLevel == 7)
      let missing = DeploymentConfiguration(
        deployment: deployment, environment: ["QUETZ_CONFIG_FILE": folder + "/none"])
      let error = #expect(throws: ConfigurationError.self) { try missing.load() }
      #expect(error?.problems.map(\.key) == ["QUETZ_CONFIG_FILE"])
    }
  }
}
