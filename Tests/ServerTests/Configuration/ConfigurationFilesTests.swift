import Foundation
import Server
import Testing

/// The files in `config/`, which people copy.
@Suite struct ConfigurationFilesTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../config").standardizedFileURL.path

  private static func load(_ name: String) throws -> ConfigurationLoader.Loaded {
    let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    return try ConfigurationLoader(environment: [:]).load(toml: text, fileName: name)
  }

  @Test func loadEveryOneWithoutAWarning() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).filter {
      $0.hasSuffix(".toml")
    }
    #expect(names.count >= 2)
    for name in names { #expect(try Self.load(name).warnings.isEmpty, "\(name)") }
  }

  @Test func configTOMLSaysWhatTheDefaultsAre() throws {
    let full = try Self.load("config.toml").configuration
    let minimal = try Self.load("minimal.toml").configuration
    // The two differ in nothing: what config.toml spells out is what minimal.toml leaves to the defaults.
    var (fullText, minimalText) = ("", "")
    dump(full, to: &fullText)
    dump(minimal, to: &minimalText)
    #expect(fullText == minimalText)
  }

  @Test func configTOMLHasEveryKeyThatIsRead() throws {
    let text = try String(contentsOfFile: Self.folder + "/config.toml", encoding: .utf8)
    var section = ""
    var present: Set<String> = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
        section = String(line[line.index(after: line.startIndex)..<end])
      }
      let bare = line.hasPrefix("# ") ? line.dropFirst(2) : line
      guard let equals = bare.firstRange(of: " = ") else { continue }
      present.insert("\(section).\(bare[..<equals.lowerBound])")
    }
    for key in try Self.keysReadInSources() { #expect(present.contains(key), "config.toml lacks \(key)") }
  }

  /// `section.key` of every call like `reader.bool("session", "https_only"`.
  private static func keysReadInSources() throws -> Set<String> {
    let sources = folder + "/../Sources/Server/Configuration"
    var keys: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: sources)
    where name.hasSuffix("Configuration.swift") {
      let text = try String(contentsOfFile: sources + "/" + name, encoding: .utf8)
      for match in text.matches(of: /reader\.[a-zA-Z]+\(\s*"([a-z_0-9]+)", "([a-z_0-9]+)"/) {
        keys.insert("\(match.1).\(match.2)")
      }
    }
    #expect(keys.count > 20)
    return keys
  }
}
