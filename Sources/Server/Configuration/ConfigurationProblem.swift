/// One mistake in the configuration, named by its key, with what was found and what was expected.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  /// `section.key`, or the file's name where the file itself is the problem.
  package let key: String
  package let message: String

  package init(key: String, message: String) {
    self.key = key
    self.message = message
  }

  package var description: String { "\(key): \(message)" }
}

/// All the mistakes of a configuration, reported together before anything starts.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
  package let problems: [ConfigurationProblem]

  package init(problems: [ConfigurationProblem]) { self.problems = problems }

  package var description: String {
    let lines = problems.map { "  - \($0)" }.joined(separator: "\n")
    return
      "the configuration has \(problems.count == 1 ? "a mistake" : "\(problems.count) mistakes"):\n\(lines)"
  }
}
