import ArgumentParser
import Server

struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Create a deployment and serve it.")

  @Argument(help: "The deployment's folder.")
  var path: String

  @OptionGroup var creation: CreationOptions

  @Flag(
    name: [.customLong("skip-if-exists"), .customLong("exists-ok")], inversion: .prefixedNo,
    help: "Serve a deployment that is there as it is.")
  var skipIfExists = false

  @OptionGroup var serving: ServingOptions

  func run() async throws {
    try await Terminal.aborting {
      try await creation.creation(of: path, existsOK: skipIfExists).run()
      try await serving.serve(path)
    }
  }
}
