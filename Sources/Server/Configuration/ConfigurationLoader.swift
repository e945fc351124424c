import CondaTypes
import TOMLKit

/// Merges the sources of a configuration: environment (`QUETZ_SECTION_KEY`) over `config.toml` over defaults.
///
/// The merge is key by key: one environment variable never erases the rest of its section. The command line
/// comes last and is applied by the commands themselves. All mistakes are thrown together.
package struct ConfigurationLoader {
  /// Sections that environment variables may name. A section's own name can hold `_`, so the longest wins.
  private static let sections = [
    "general", "sqlalchemy", "session", "users", "uploads", "index", "quotas", "storage", "logging",
    "local_store",
    "s3", "azure_blob", "gcs", "github", "gitlab", "google", "azuread", "cors", "worker", "plugins",
    "mirroring",
    "profiling",
  ].sorted { $0.count > $1.count }

  /// Variables that look like settings and are not.
  private static let otherVariables: Set<String> = [
    "QUETZ_CONFIG_FILE", "QUETZ_LOG_LEVEL", "QUETZ_API_KEY", "QUETZ_SERVER_URL", "QUETZ_DATABASE_PLUGIN_PATH",
  ]

  private let environment: [String: String]

  package init(environment: [String: String]) { self.environment = environment }

  /// A loaded configuration and what to warn about.
  package struct Loaded: Sendable {
    package var configuration: ServerConfiguration
    package var warnings: [String]
  }

  /// Loads from the text of a `config.toml`, or from the environment alone.
  ///
  /// - Throws: every problem of the file and the values together.
  package func load(toml text: String?, fileName: String = "config.toml") throws(ConfigurationError) -> Loaded
  {
    var sections: [String: [String: JSONValue]] = [:]
    if let text { sections = try Self.parse(text, fileName: fileName) }
    for (section, values) in environmentSections() {
      sections[section, default: [:]].merge(values) { _, fromEnvironment in fromEnvironment }
    }
    var reader = ConfigurationReader(sections: sections)
    let configuration = ServerConfiguration(reading: &reader)
    if !reader.problems.isEmpty { throw ConfigurationError(problems: reader.problems) }
    return Loaded(configuration: configuration, warnings: reader.unknownKeyWarnings())
  }

  /// Whether the environment alone says anything (upstream accepts that as a configuration).
  package var hasEnvironmentSettings: Bool { !environmentSections().isEmpty }

  private func environmentSections() -> [String: [String: JSONValue]] {
    var result: [String: [String: JSONValue]] = [:]
    for (name, value) in environment where name.hasPrefix("QUETZ_") && !Self.otherVariables.contains(name) {
      let rest = name.dropFirst("QUETZ_".count).lowercased()
      guard let section = Self.sections.first(where: { rest.hasPrefix($0 + "_") }) else { continue }
      result[section, default: [:]][String(rest.dropFirst(section.count + 1))] = .string(value)
    }
    return result
  }

  static func parse(
    _ text: String, fileName: String
  ) throws(ConfigurationError) -> [String: [String: JSONValue]] {
    let root: JSONValue
    do {
      // TOMLKit prints its table as JSON; dates become strings, which no key of ours wants anyway.
      let json = try TOMLTable(string: text).convert(to: .json)
      root = try JSONValue(parsing: Array(json.utf8))
    } catch let error as TOMLParseError {
      let position = "line \(error.source.begin.line), column \(error.source.begin.column)"
      throw problem(fileName, "not valid TOML at \(position): \(error.description)")
    } catch {
      throw problem(fileName, "not valid TOML: \(error)")
    }
    var sections: [String: [String: JSONValue]] = [:]
    var problems: [ConfigurationProblem] = []
    for (name, value) in root.asObject ?? [:] {
      if let table = value.asObject {
        sections[name] = table
      } else {
        problems.append(ConfigurationProblem(key: name, message: "found a value outside any [section]"))
      }
    }
    if !problems.isEmpty { throw ConfigurationError(problems: problems.sorted { $0.key < $1.key }) }
    return sections
  }

  private static func problem(_ key: String, _ message: String) -> ConfigurationError {
    ConfigurationError(problems: [ConfigurationProblem(key: key, message: message)])
  }
}
