import ArgumentParser

struct StartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "start", abstract: "Serve a deployment.")

  @Argument(help: "The deployment's folder.")
  var path = "."

  @OptionGroup var serving: ServingOptions

  @Flag(
    inversion: .prefixedNo,
    help: "Accepted for upstream's scripts; background work runs in the server itself.")
  var supervisor = true

  func run() async throws {
    try await Terminal.aborting { try await serving.serve(path) }
  }
}
