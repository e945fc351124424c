import Foundation

/// What a machine's user has set for AWS's tools: the `AWS_*` variables and the two files in `~/.aws`.
///
/// The environment is a value, the files are read when they are asked for.
public struct AWSSettings: Sendable {
  private let environment: [String: String]
  private let files = BlockingPool(width: 1)

  /// The settings of a process with this environment.
  public init(environment: [String: String]) { self.environment = environment }

  /// A variable; `nil` if it is not set or empty.
  func variable(_ name: String) -> String? {
    environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The region to use where none is configured: `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's `region`.
  /// `nil` if none is set, or the files cannot be read.
  public func region() async -> String? {
    if let region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") { return region }
    guard case .success(let profile?) = await profile() else { return nil }
    return profile["region"]
  }

  /// The profile in use and where it was looked for.
  var profileName: String { variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE") ?? "default" }

  /// Whether the profile was chosen, so that it must be there.
  var isProfileChosen: Bool { profileName != "default" }

  /// The two files, in words, for messages.
  var placesInWords: String {
    let places = [credentialsPath, configurationPath].compactMap { $0 }
    return places.isEmpty ? "~/.aws (HOME is not set)" : places.joined(separator: " and ")
  }

  /// The settings of the profile in use, from both files; the credentials file wins. `nil` if no file has it.
  ///
  /// - Returns: `.failure` if a file is there and cannot be read.
  func profile() async -> Result<[String: String]?, BlobStoreError> {
    let sources: [(String?, ProfileFile.Kind)] = [
      (configurationPath, .configuration), (credentialsPath, .credentials),
    ]
    var settings: [String: String]?
    for case (let path?, let kind) in sources {
      do throws(BlobStoreError) {
        let file = ProfileFile(try await text(of: path), kind: kind)
        guard let found = file.profiles[profileName] else { continue }
        settings = (settings ?? [:]).merging(found) { $1 }
      } catch {
        if error.kind != .notFound { return .failure(error) }
      }
    }
    return .success(settings)
  }

  /// The text of a small file; `~/` is the user's folder.
  func text(of path: String) async throws(BlobStoreError) -> String {
    let path = expanded(path)
    return try await files.run { () throws(BlobStoreError) in try SettingsFile.read(path) }
  }

  private var credentialsPath: String? { path("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials") }

  private var configurationPath: String? { path("AWS_CONFIG_FILE", ".aws/config") }

  private func path(_ name: String, _ usual: String) -> String? {
    variable(name).map(expanded) ?? variable("HOME").map { "\($0)/\(usual)" }
  }

  private func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = variable("HOME") else { return path }
    return home + path.dropFirst()
  }
}
