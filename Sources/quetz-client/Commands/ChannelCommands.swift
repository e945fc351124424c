import APITypes
import ArgumentParser
import Client

/// `quetz-client channels`
struct ChannelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channels", abstract: "List channels: name, public or private, number of packages.")

  @OptionGroup var server: ServerOptions

  func run() async throws {
    for channel in try await server.client().channels() {
      let access = channel.isPrivate ? "private" : "public"
      Terminal.say("\(channel.name)\t\(access)\t\(channel.packagesCount)")
    }
  }
}

/// `quetz-client create-channel NAME`
struct CreateChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create-channel", abstract: "Make a channel; you become its owner.")

  @Argument(help: "The channel's name.")
  var name: String

  @Flag(help: "Only members may read it.")
  var `private` = false

  @Option(help: "A sentence about it.")
  var description: String?

  @OptionGroup var server: ServerOptions

  func run() async throws {
    try await server.client().createChannel(named: name, description: description, isPrivate: `private`)
    Terminal.say("created \(name)")
  }
}

/// `quetz-client delete-channel NAME`
struct DeleteChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete-channel", abstract: "Remove a channel with all its packages.")

  @Argument(help: "The channel's name.")
  var name: String

  @OptionGroup var server: ServerOptions

  func run() async throws {
    try await server.client().deleteChannel(named: name)
    Terminal.say("deleted \(name)")
  }
}

/// `quetz-client packages CHANNEL`
struct PackagesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packages", abstract: "List a channel's packages: name, newest version, subdirs.")

  @Argument(help: "The channel's name.")
  var channel: String

  @OptionGroup var server: ServerOptions

  func run() async throws {
    for package in try await server.client().packages(inChannel: channel) {
      let subdirs = package.platforms?.joined(separator: ",") ?? ""
      Terminal.say("\(package.name)\t\(package.currentVersion ?? "-")\t\(subdirs)")
    }
  }
}
