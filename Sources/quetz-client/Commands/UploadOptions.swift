import ArgumentParser
import Client

/// The files of an upload and what to do with them; shared by both forms of the command.
struct UploadOptions: ParsableArguments {
  @Argument(help: ArgumentHelp("Packages: .conda or .tar.bz2.", valueName: "file"))
  var files: [String]

  @Flag(help: "Replace packages that exist.")
  var force = false

  @Flag(help: "Packages that exist count as done.")
  var skipExisting = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Uploads at the same time.", valueName: "n"))
  var jobs = 4

  @Flag(name: .shortAndLong, help: "Print failures only.")
  var quiet = false

  func validate() throws {
    guard !(force && skipExisting) else {
      throw ValidationError("--force replaces what exists and --skip-existing keeps it: choose one.")
    }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs: expected 1 to 64, found \(jobs).") }
  }

  /// The files, all of them fit to be sent.
  func checkedFiles() throws -> [UploadFile] {
    do {
      return try UploadFile.check(files)
    } catch {
      Terminal.complain(error.description)
      Terminal.complain("nothing was sent")
      throw ExitCode(2)
    }
  }

  /// Uploads and ends the command with the code that fits.
  func upload(_ files: [UploadFile], to channel: String, with client: RegistryClient) async throws {
    if !client.hasKey { Terminal.complain("warning: no key; set QUETZ_API_KEY") }
    var options = UploadSession.Options()
    options.force = force
    options.skipExisting = skipExisting
    options.jobs = jobs
    let session = UploadSession(client: client, channel: channel, options: options, reporter: reporter(files))
    let summary = await session.run(files)
    guard summary.exitCode == 0 else { throw ExitCode(summary.exitCode) }
  }

  private func reporter(_ files: [UploadFile]) -> any UploadReporter {
    let out: LineReporter.Writer = { line in Terminal.say(line) }
    let lines = LineReporter(out: quiet ? nil : out, errors: { line in Terminal.complain(line) })
    guard !quiet, Terminal.isWatched else { return lines }
    return ProgressBarReporter(files: files, lines: lines, draw: { text in Terminal.draw(text) })
  }
}
