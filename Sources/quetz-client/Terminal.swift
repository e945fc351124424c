import Foundation

/// The two output streams, as far as this program uses them.
enum Terminal {
  /// A line on stdout.
  static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  /// A line on stderr.
  static func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  /// Text on stderr as it is, for what moves.
  static func draw(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// Whether somebody watches stderr: a terminal that understands control sequences.
  static var isWatched: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }
}
