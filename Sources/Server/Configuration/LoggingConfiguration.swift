package import Logging

/// `[logging]`
///
/// - `level` (string, "info"): critical, error, warning, info, debug or trace, any case. The command line's
///   `--log-level` and `QUETZ_LOG_LEVEL` win.
/// - `file` (string, ""): accepted for old files; the log goes to standard error.
package struct LoggingConfiguration: Sendable {
  package var level: Logger.Level

  package init(reading reader: inout ConfigurationReader) {
    let word = reader.string("logging", "level", default: "info")
    level = Self.level(named: word) ?? .info
    if Self.level(named: word) == nil {
      reader.report(
        "logging", "level", "found \"\(word)\", expected critical, error, warning, info, debug or trace")
    }
    _ = reader.string("logging", "file", default: "")
  }

  package static func level(named word: String) -> Logger.Level? {
    let lower = word.lowercased()
    return Logger.Level(rawValue: lower == "warn" ? "warning" : lower)
  }
}
