import ArgumentParser

/// The server's executable: one file per subcommand in `Commands/`.
@main
struct Quetz: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quetz",
    abstract: "A server for conda packages.",
    discussion: """
      A first look:  quetz run demo --create-conf --dev
      A deployment:  quetz create /srv/quetz --create-conf   then   quetz start /srv/quetz
      """,
    version: "0.1.0",
    subcommands: [
      RunCommand.self, CreateCommand.self, StartCommand.self, InitDBCommand.self, CreateUserCommand.self,
      AddUserRolesCommand.self, CheckConfigCommand.self, CheckStorageCommand.self, TransferCommand.self,
      DeleteCommand.self, BenchFillCommand.self,
    ])

  /// Runs what the command line says.
  static func main() async {
    FreedMemory.bound()
    await main(nil)
  }
}
