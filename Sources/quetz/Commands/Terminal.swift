import ArgumentParser
import Backends
import Foundation
import Logging
import Metadata
import Server

/// What a person at a shell reads: results on standard output, reasons on standard error.
enum Terminal {
  /// A line on standard output, at once: scripts read it through a pipe while the server runs.
  static func print(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  /// A line on standard error.
  static func warn(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// Text on standard output as it is, for what moves.
  static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

  /// Whether somebody watches standard output: a terminal that understands control characters.
  static var isWatched: Bool {
    isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  /// A log on standard error, for commands other than the server.
  static func logger(level: Logger.Level) -> Logger {
    var logger = Logger(label: "quetz") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
  }

  /// Runs a command's work; a refusal ends it with the reason, `Aborted` and exit code 1, as upstream's do.
  static func aborting(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch let error as DeploymentError {
      try abort(error.description)
    } catch let error as ConfigurationError {
      try abort(error.description)
    } catch let error as ExitCode {
      throw error
    } catch let error as BlobStoreError {
      // Who types commands may know the paths that `description` leaves out.
      try abort("\(error): \(error.message)")
    } catch let error as MetadataError where [.unexpected, .damaged].contains(error.kind) {
      try abort(String(reflecting: error))
    } catch {
      try abort("\(error)")
    }
  }

  private static func abort(_ reason: String) throws {
    warn(reason)
    warn("Aborted")
    throw ExitCode(1)
  }
}
