import Backends
package import Foundation
import Hummingbird
import HummingbirdCore
package import Logging
import Metadata
import NIOCore
import NIOPosix
import ServiceLifecycle
package import UnixSignals

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the command line says about serving.
package struct ServeOptions: Sendable {
  package var host: String
  /// 0 lets the system choose.
  package var port: Int
  /// Called with the address once the port is open.
  package var onListening: @Sendable (String, Int) -> Void

  package init(host: String, port: Int, onListening: @escaping @Sendable (String, Int) -> Void = { _, _ in })
  {
    self.host = host
    self.port = port
    self.onListening = onListening
  }

  var isLoopback: Bool { host == "127.0.0.1" || host == "localhost" || host == "::1" }
}

/// A server, built and not yet running: the composition root.
///
/// The executable and the tests build the same one. Everything is made here once and handed on as values.
package struct QuetzServer: Sendable {
  package let services: Services
  package let documentVerification: DocumentVerification
  package let collectGarbage: CollectGarbage
  package let jobRunner: JobRunner
  private let lock: DeploymentLock
  private let application: Application<RequestPipeline>
  private let threads: NIOThreadPool
  private let documentThreads: NIOThreadPool
  private let options: ServeOptions

  /// Opens a deployment: takes its lock, brings its schema up to date, finishes what a crash of the process left undone.
  ///
  /// - Throws: `DeploymentError`, `MetadataError` or `BlobStoreError`, before any port is open.
  package static func build(
    deployment: Deployment, configuration: ServerConfiguration, options: ServeOptions, logger: Logger,
    environment: [String: String] = [:], storage: PackageStorage? = nil,
    now: @escaping @Sendable () -> Date = { Date() }
  ) async throws -> QuetzServer {
    guard deployment.exists else { throw DeploymentError.notADeployment(deployment.root) }
    let lock = try DeploymentLock(deployment)
    let storage =
      try storage
      ?? PackageStorage.make(
        StoragePlace(s3: configuration.s3), deployment: deployment, localStore: configuration.localStore,
        environment: environment, logger: logger)
    try await storage.prepare()
    let metadata = try MetadataStore.open(at: deployment.databaseFile(configuration.database))
    try metadata.migrate()
    let threads = NIOThreadPool(numberOfThreads: max(8, configuration.general.packageUnpackThreads * 2))
    threads.start()
    // One for the builder, one for a new channel's first documents, which somebody waits for.
    let documentThreads = NIOThreadPool(numberOfThreads: 2)
    documentThreads.start()
    let services = try await makeServices(
      deployment, configuration, options, storage, metadata, threads, documentThreads, logger, now)
    try await services.finishEarlierWork()
    let collectGarbage = CollectGarbage(
      metadata: metadata, packages: services.packages, documents: services.documents, gate: services.blobGate,
      documentBuilder: services.documentBuilder, configuration: configuration, now: now, logger: logger)
    try await metadata.releaseJobs()
    let jobRunner = JobRunner(
      queue: services.jobs, jobs: ChannelJobs(services: services, collectGarbage: collectGarbage), now: now,
      logger: logger)
    return QuetzServer(
      services: services,
      documentVerification: DocumentVerification(services, threads: documentThreads),
      collectGarbage: collectGarbage, jobRunner: jobRunner, lock: lock,
      application: makeApplication(services, options), threads: threads, documentThreads: documentThreads,
      options: options)
  }

  private static func makeServices(
    _ deployment: Deployment, _ configuration: ServerConfiguration, _ options: ServeOptions,
    _ storage: PackageStorage, _ metadata: MetadataStore, _ threads: NIOThreadPool,
    _ documentThreads: NIOThreadPool, _ logger: Logger,
    _ now: @escaping @Sendable () -> Date
  ) async throws -> Services {
    if !Deployment.isFolder(deployment.documentsFolder) {
      try await metadata.setValue("", of: BootID.settingName)  // somebody deleted the derived files
    }
    let documents = try FileSystemStore(root: deployment.documentsFolder, durability: .processCrash)
    try emptyFolder(deployment.buildingFolder)
    let spool = try UploadSpool(folder: deployment.spoolFolder, threads: threads)
    let readCache = ReadCache()
    let freshIndexes = FreshIndexes()
    let indexer = try ShardIndexer(
      metadata: metadata, documents: documents, fresh: freshIndexes, readCache: readCache,
      zstdLevel: configuration.index.shardZstdLevel, now: now)
    let documentTrust = DocumentTrust(documents: documents, threads: threads)
    let freshness = Freshness()
    let documentBuilder = DocumentBuilder(
      metadata: metadata,
      store: DocumentStore(
        blobs: documents, folder: deployment.buildingFolder, threads: documentThreads,
        trust: documentTrust, now: now),
      readCache: readCache, indexer: indexer, freshIndexes: freshIndexes, configuration: configuration.index,
      freshness: freshness, logger: logger)
    let authorizer = Authorizer(metadata: metadata)
    let packageMetrics = PackageMetrics()
    let keyUsage = KeyUsage(metadata: metadata, logger: logger)
    let sessions = SessionService(
      metadata: metadata, cookie: SessionCookie(configuration: configuration.session), now: now)
    return Services(
      configuration: configuration, deployment: deployment,
      isDevelopment: try await allowsDummyLogin(metadata, options, logger), metadata: metadata,
      packages: storage.store, downloadRedirect: storage.redirect, documents: documents,
      documentTrust: documentTrust,
      authenticator: Authenticator(metadata: metadata, sessions: sessions, keyUsage: keyUsage, now: now),
      authorizer: authorizer, sessions: sessions, keyUsage: keyUsage,
      failures: FailureLimiter(limit: configuration.session.failedLogins, now: now), spool: spool,
      indexer: indexer, freshIndexes: freshIndexes, documentBuilder: documentBuilder,
      blobGate: BlobGate(),
      downloads: DownloadService(metadata: metadata, cache: readCache),
      downloadCounter: try await DownloadCounter.start(
        deployment, metadata: metadata, metrics: packageMetrics, now: now, logger: logger),
      // At debug level every request has a line in the log; those answered here would have none.
      fastPath: logger.logLevel <= .debug
        ? nil
        : FastPath(
          changes: readCache.changes, metadata: metadata, keyUsage: keyUsage,
          redirectPolicy: storage.redirect?.policy,
          crossOrigin: configuration.crossOrigin.map(CrossOrigin.init(configuration:)), now: now),
      channels: ChannelService(
        metadata: metadata, authorizer: authorizer, indexer: indexer, documentBuilder: documentBuilder,
        readCache: readCache, keepsDeleted: configuration.storage.softDeleteChannel, now: now),
      jobs: JobQueue(metadata: metadata, now: now), anonymousAnswers: AnonymousAnswers(metadata: metadata),
      requestMetrics: RequestMetrics(), packageMetrics: packageMetrics, freshness: freshness,
      startedAt: now(), threads: threads,
      now: now, logger: logger)
  }

  /// Makes a folder of ours that holds nothing worth keeping across a start.
  private static func emptyFolder(_ path: String) throws {
    if Deployment.isFolder(path) { try FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// A `--dev` deployment lets anyone become any user: on this machine only.
  private static func allowsDummyLogin(
    _ metadata: MetadataStore, _ options: ServeOptions, _ logger: Logger
  ) async throws -> Bool {
    guard try await metadata.value(of: DevelopmentData.settingName) == "true" else { return false }
    if !options.isLoopback {
      logger.warning("this is a --dev deployment on a public address: the password-less login stays off")
    }
    return options.isLoopback
  }

  private static func makeApplication(_ services: Services, _ options: ServeOptions) -> Application<
    RequestPipeline
  > {
    let pipeline = RequestPipeline(
      authenticator: services.authenticator, sessions: services.sessions, failures: services.failures,
      clientAddress: ClientAddress(header: services.configuration.general.clientAddressHeader),
      metrics: services.requestMetrics,
      allowedMethods: AllowedMethods(RouteDeclarations.all(isDevelopment: services.isDevelopment)),
      crossOrigin: services.configuration.crossOrigin.map(CrossOrigin.init(configuration:)),
      now: services.now, router: makeRouter(services).buildResponder())
    return Application(
      responder: pipeline,
      server: HTTPServerBuilder { FastHTTP1Channel(responder: $0, fastPath: services.fastPath) },
      configuration: ApplicationConfiguration(
        address: .hostname(options.host, port: options.port), serverName: "quetz", backlog: 1024),
      onServerRunning: { channel in
        options.onListening(options.host, channel.localAddress?.port ?? options.port)
      },
      logger: services.logger)
  }

  /// Serves until the task is cancelled or one of `signals` arrives; then lets running requests finish, for 30 s at most.
  package func run(until signals: [UnixSignal] = []) async throws {
    // Shut down in reverse order: first the port, then what its last requests left to do.
    var group = ServiceGroupConfiguration(
      services: [
        services.documentBuilder, services.downloadCounter, services.keyUsage, collectGarbage, jobRunner,
        application,
      ],
      gracefulShutdownSignals: signals, logger: services.logger)
    // It comes to an end of its own, unlike the others, and at shutdown before the builder, which it pokes.
    group.services.insert(
      .init(
        service: documentVerification, successTerminationBehavior: .ignore,
        serviceName: "DocumentVerification"), at: 1)
    group.maximumGracefulShutdownDuration = .seconds(30)
    do {
      try await ServiceGroup(configuration: group).run()
    } catch {
      try await close()
      if let error = error as? IOError, error.errnoCode == EADDRINUSE {
        throw DeploymentError.addressInUse(options.host, port: options.port)
      }
      throw error
    }
    try await close()
  }

  /// Ends a server that never ran, or has run: writes what is pending and closes the database.
  package func close() async throws {
    await services.downloadCounter.flush()
    await services.keyUsage.flush()
    await services.documentBuilder.finish()
    try services.metadata.close()
    try await threads.shutdownGracefully()
    try await documentThreads.shutdownGracefully()
    withExtendedLifetime(lock) {}
  }
}
