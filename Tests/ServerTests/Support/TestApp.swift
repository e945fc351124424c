import CurlHTTP
import Foundation
import HTTPTypes
import Logging
import Metadata
import NIOCore
import Server
import TestSupport

/// The real server over a real socket, with a deployment of its own in a temporary folder.
///
/// Users: `owner` (server owner), `maintainer`, `member` (server roles of that name), `nobody` (no role), each with a
/// full-power key. Channels are made by the tests. Everything is gone when `with` returns.
struct TestApp: Sendable {
  let server: QuetzServer
  let deployment: Deployment
  let baseURL: String
  let transport: CurlTransport
  /// The secret of a full-power key of each user.
  let keys: [String: String]
  let userIDs: [String: UUID]

  var metadata: MetadataStore { server.services.metadata }

  /// Runs `body` against a running server and stops it afterwards, gracefully.
  ///
  /// - Parameters:
  ///   - development: Whether it is a `--dev` deployment (password-less login on).
  ///   - documentDelay: For how many milliseconds nothing may change before documents are made.
  ///   - toml: More lines for config.toml.
  ///   - root: An existing folder to make the deployment in (a small tmpfs, say).
  ///   - storage: The store of the artifacts instead of the configured one.
  ///   - log: Keeps what the server logs, from errors on.
  ///   - now: The server's clock.
  static func with<Result: Sendable>(
    development: Bool = false, documentDelay: Int = 10, toml: String = "", root: String? = nil,
    storage: PackageStorage? = nil, log: LogRecorder? = nil,
    now: @escaping @Sendable () -> Date = { Date() },
    _ body: @Sendable (TestApp) async throws -> Result
  ) async throws -> Result {
    let folder = root ?? (NSTemporaryDirectory() + "quetz-test-" + UUID().uuidString)
    defer { if root == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let deployment = try await makeDeployment(
      folder + "/deployment", documentDelay: documentDelay, toml: toml)
    return try await run(
      deployment, development: development, storage: storage, log: log, now: now, body)
  }

  /// Starts a server on a deployment that is there already, e.g. to look at it after a crash.
  static func run<Result: Sendable>(
    _ deployment: Deployment, development: Bool = false, storage: PackageStorage? = nil,
    log: LogRecorder? = nil, now: @escaping @Sendable () -> Date = { Date() },
    _ body: @Sendable (TestApp) async throws -> Result
  ) async throws -> Result {
    let configuration = try DeploymentConfiguration(deployment: deployment, environment: [:]).load()
      .configuration
    let (addresses, address) = AsyncStream<String>.makeStream()
    let logger = log?.logger(level: .error) ?? Self.silence
    let (keys, userIDs) = try await prepareUsers(deployment, configuration, development: development)
    let server = try await QuetzServer.build(
      deployment: deployment, configuration: configuration,
      options: ServeOptions(host: "127.0.0.1", port: 0) { host, port in
        address.yield("http://\(host):\(port)")
      },
      logger: logger, storage: storage, now: now)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      guard let baseURL = await addresses.first(where: { _ in true }) else { throw CancellationError() }
      let transport = CurlTransport()
      let app = TestApp(
        server: server, deployment: deployment, baseURL: baseURL, transport: transport, keys: keys,
        userIDs: userIDs)
      let result: Swift.Result<Result, any Error>
      do { result = .success(try await body(app)) } catch { result = .failure(error) }
      transport.shutdown()
      group.cancelAll()
      // A cancelled server ends with a cancellation error, which says nothing here.
      while let _ = await group.nextResult() {}
      return try result.get()
    }
  }

  private static var silence: Logger {
    var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    logger.logLevel = .critical
    return logger
  }

  private static func makeDeployment(_ path: String, documentDelay: Int, toml: String) async throws
    -> Deployment
  {
    let deployment = Deployment(path: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let text = """
      [sqlalchemy]
      database_url = "sqlite:///./quetz.sqlite"
      [session]
      secret = "a secret for tests only, 32 bytes"
      https_only = false
      [index]
      debounce_ms = \(documentDelay)
      max_delay_ms = \(min(5 * documentDelay, 3_600_000))
      \(toml)
      """
    try text.write(toFile: deployment.configFile, atomically: true, encoding: .utf8)
    try await DeploymentCreation(deployment: deployment, report: { _ in }).run()
    return deployment
  }

  /// Makes the users once; a later start of the same deployment finds them, and gives them new keys.
  private static func prepareUsers(
    _ deployment: Deployment, _ configuration: ServerConfiguration, development: Bool
  ) async throws -> (keys: [String: String], ids: [String: UUID]) {
    let metadata = try MetadataStore.open(at: deployment.databaseFile(configuration.database))
    defer { try? metadata.close() }
    if development { try await metadata.setValue("true", of: DevelopmentData.settingName) }
    var keys: [String: String] = [:]
    var ids: [String: UUID] = [:]
    let roles: [(String, Role?)] = [
      ("owner", .owner), ("maintainer", .maintainer), ("member", .member), ("nobody", nil),
    ]
    for (name, role) in roles {
      let id: UUID
      if let user = try await metadata.user(named: name) {
        id = user.id
      } else {
        id = try await metadata.createUser(
          username: name, role: role, name: name.capitalized, avatarURL: "/avatar.jpg",
          identity: (provider: "dummy", identityID: name, login: name), now: Date()
        ).id
      }
      let secret = try APIKeySecret.generate()
      _ = try await metadata.createAPIKey(
        hash: secret.hash(), prefix: secret.prefix, description: "test", createdOn: Date(), expiresOn: nil,
        owner: id, roles: [])
      keys[name] = secret.text
      ids[name] = id
    }
    return (keys, ids)
  }
}

/// A whole answer.
struct Answer: Sendable {
  let status: Int
  let headers: HTTPFields
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }
}
