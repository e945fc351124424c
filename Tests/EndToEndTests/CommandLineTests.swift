import Foundation
import Testing

@Suite struct CommandLineTests {
  /// A temporary folder for one test.
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "quetz-cli-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func expectRefusal(_ arguments: [String], saying words: String, input: String = "") async throws {
    let outcome = try await Program.quetz.run(arguments, input: input)
    #expect(outcome.exitCode == 1, "\(arguments)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    #expect(outcome.errors.hasSuffix("Aborted\n"))
  }

  @Test func createRefusesWithUpstreamsWords() async throws {
    try await withFolder { folder in
      let path = folder + "/d"
      try await expectRefusal(["create", path], saying: "No configuration file provided.")
      try await expectRefusal(
        ["create", path, "--copy-conf", folder + "/none.toml"],
        saying: "Config file to copy does not exist \(folder)/none.toml.")
      #expect(try await Program.quetz.run(["create", path, "--create-conf"]).exitCode == 0)
      try await expectRefusal(
        ["create", path, "--create-conf"], saying: "Use the start command to start a deployment")
      try await expectRefusal(
        ["create", path, "--delete"], saying: "Use the start command to start a deployment")
      #expect(try await Program.quetz.run(["create", path, "--exists-ok"]).exitCode == 0)
      #expect(try await Program.quetz.run(["create", path, "--delete", "--create-conf"]).exitCode == 0)
      try "x".write(toFile: folder + "/stranger", atomically: true, encoding: .utf8)
      try await expectRefusal(
        ["create", folder, "--create-conf"], saying: "Quetz deployment not allowed at \(folder).")
    }
  }

  @Test func everyCommandRefusesAFolderThatIsNoDeployment() async throws {
    try await withFolder { folder in
      for command in ["start", "init-db", "add-user-roles", "delete"] {
        try await expectRefusal([command, folder], saying: "The specified directory is not a deployment")
      }
    }
  }

  @Test func aStartThatFailsSaysWhatIsWrongAndWhere() async throws {
    try await withFolder { folder in
      let path = folder + "/d"
      _ = try await Program.quetz.run(["create", path, "--create-conf"])
      let temporaries = path + "/packages/.tmp"
      try? FileManager.default.removeItem(atPath: temporaries)
      try "no folder".write(toFile: temporaries, atomically: true, encoding: .utf8)
      try await expectRefusal(["start", path, "--port", "0"], saying: "'\(temporaries)'")
      try FileManager.default.removeItem(atPath: temporaries)
      try "no database".write(toFile: path + "/quetz.sqlite", atomically: true, encoding: .utf8)
      try await expectRefusal(["start", path, "--port", "0"], saying: "file is not a database")
    }
  }

  @Test func deleteAsksUnlessForced() async throws {
    try await withFolder { folder in
      let path = folder + "/d"
      _ = try await Program.quetz.run(["create", path, "--create-conf"])
      let refused = try await Program.quetz.run(["delete", path], input: "n\n")
      #expect(refused.exitCode == 1)
      #expect(refused.output.hasPrefix("Delete Quetz deployment at \(path)?"))
      #expect(FileManager.default.fileExists(atPath: path))
      #expect(try await Program.quetz.run(["delete", path, "--force"]).exitCode == 0)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func allMistakesOfAConfigurationAreReportedTogether() async throws {
    try await withFolder { folder in
      let file = folder + "/bad.toml"
      try """
      [sqlalchemy]
      database_url = "postgresql://u@h/db"
      [session]
      secret = "short"
      https_only = "perhaps"
      [uploads]
      max_size = "many"
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let outcome = try await Program.quetz.run(["check-config", file])
      #expect(outcome.exitCode == 1)
      for key in ["sqlalchemy.database_url", "session.secret", "session.https_only", "uploads.max_size"] {
        #expect(outcome.errors.contains(key), "\(outcome.errors)")
      }
    }
  }

  @Test func theEnvironmentOverridesSingleKeys() async throws {
    try await withFolder { folder in
      let path = folder + "/d"
      let outcome = try await Program.quetz.run(
        ["create", path, "--create-conf", "--dev"],
        environment: ["QUETZ_USERS_ADMINS": "dummy:alice,dummy:bob"])
      #expect(outcome.exitCode == 0)
      #expect(outcome.output.contains("Test API key created for user \""))
      let roles = try await Program.quetz.run(
        ["add-user-roles", path], environment: ["QUETZ_USERS_MEMBERS": "dummy:carol"])
      #expect(roles.exitCode == 0)
      #expect(roles.output == "dummy:carol is member now\n")
    }
  }

  @Test func createUserPrintsAKeyOnce() async throws {
    try await withFolder { folder in
      let path = folder + "/d"
      _ = try await Program.quetz.run(["create", path, "--create-conf"])
      let outcome = try await Program.quetz.run(["create-user", path, "admin", "--role", "owner"])
      #expect(outcome.exitCode == 0)
      #expect(outcome.output.contains(/API key created for user "admin": qz-[A-Za-z0-9]{40}\n/))
    }
  }
}
