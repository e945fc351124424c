import ArgumentParser
import Client

/// `quetz-client post_file_to_channel CHANNEL FILE…`, the name the upload has in the original client.
struct PostFileToChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "post_file_to_channel", abstract: "Upload packages to a channel of the server.")

  @Argument(help: "The channel's name.")
  var channel: String

  @OptionGroup var upload: UploadOptions
  @OptionGroup var server: ServerOptions

  func run() async throws {
    let files = try upload.checkedFiles()
    try await upload.upload(files, to: channel, with: try server.client())
  }
}
