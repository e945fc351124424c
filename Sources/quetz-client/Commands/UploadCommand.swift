import ArgumentParser
import Client

/// `quetz-client URL/api/channels/CHANNEL FILE…`
struct UploadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "upload", abstract: "Upload packages to an address; may be left out.",
    usage: "quetz-client [upload] URL/api/channels/CHANNEL FILE... [options]")

  @Argument(help: ArgumentHelp("URL/api/channels/CHANNEL", valueName: "address"))
  var address: String

  @OptionGroup var upload: UploadOptions
  @OptionGroup var connection: ConnectionOptions

  func run() async throws {
    let (server, channel) = try RegistryURL.uploadAddress(parsing: address)
    let files = try upload.checkedFiles()
    try await upload.upload(files, to: channel, with: connection.client(for: server))
  }
}
