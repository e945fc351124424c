extension RegistryClient {
  /// All packages of a channel, by name.
  public func packages(inChannel channel: String) async throws(RegistryError) -> [Package] {
    try await allPages(of: .packagePages(channel), as: Package.self)
  }
}

/// A package, that is a name in a channel, as the server lists it.
public struct Package: Hashable, Sendable, Decodable {
  /// Its name.
  public let name: String
  /// A line about it.
  public let summary: String?
  /// More about it.
  public let description: String?
  /// Subdirs it has artifacts for.
  public let subdirs: [String]?
  /// Its newest version.
  public let currentVersion: String?

  enum CodingKeys: String, CodingKey {
    case name, summary, description
    case subdirs = "platforms"
    case currentVersion = "current_version"
  }
}
