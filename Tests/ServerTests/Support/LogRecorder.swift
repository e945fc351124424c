import Locks
import Logging

/// Keeps the log's lines for a test to look at.
final class LogRecorder: Sendable {
  struct Line: Sendable {
    let level: Logger.Level
    let message: String
    let metadata: [String: String]
  }

  private let recorded = Guarded<[Line]>([])

  var lines: [Line] { recorded.withLock { $0 } }

  /// A logger that writes here, from `level` on.
  func logger(level: Logger.Level = .debug) -> Logger {
    var logger = Logger(label: "test") { _ in Handler(recorder: self) }
    logger.logLevel = level
    return logger
  }

  private func append(_ line: Line) { recorded.withLock { $0.append(line) } }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let fields = metadata.merging(event.metadata ?? [:]) { $1 }
      recorder.append(
        Line(level: event.level, message: "\(event.message)", metadata: fields.mapValues { "\($0)" }))
    }
  }
}
