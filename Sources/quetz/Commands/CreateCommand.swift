import ArgumentParser
import Server

struct CreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a deployment.")

  @Argument(help: "The deployment's folder.")
  var path: String

  @OptionGroup var creation: CreationOptions

  @Flag(
    name: .customLong("exists-ok"), inversion: .prefixedNo, help: "Leave a deployment that is there as it is."
  )
  var existsOK = false

  func run() async throws {
    try await Terminal.aborting {
      try await creation.creation(of: path, existsOK: existsOK).run()
    }
  }
}
