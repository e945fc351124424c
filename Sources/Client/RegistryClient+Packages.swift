public import APITypes

extension RegistryClient {
  /// All packages of a channel, by name.
  public func packages(inChannel channel: String) async throws(RegistryError) -> [PackageBody] {
    try await allPages(of: .packagePages(channel), as: PackageBody.self)
  }
}
