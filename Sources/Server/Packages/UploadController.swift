import APITypes
import CondaTypes
import HTTPTypes
import Hummingbird
import Metadata
import NIOCore
import NIOHTTPTypes

/// The upload routes (quetz-api.md §1.6, with its fixes).
///
/// - `POST /api/channels/{c}/upload/{filename}?sha256=&force=`: the bytes are the body (quetz-client, rattler-build).
/// - `POST /api/channels/{c}/files/` and `…/packages/{p}/files/`: multipart forms (scripts, older clients).
///
/// Nothing is read before the channel, the login and the role have been checked.
struct UploadController: Sendable {
  let services: Services

  func addRoutes(to router: Router<AppContext>) {
    router.post("api/channels/:channel/upload/:filename") { request, context in
      // Nothing here takes long: what does, runs on the thread pool or in the database.
      try await withTaskExecutorPreference(EventLoopTaskExecutor(context.connection.eventLoop)) {
        try await uploadRaw(request, context)
      }
    }
    router.post("api/channels/:channel/files", use: uploadToChannel)
    router.post("api/channels/:channel/packages/:package/files", use: uploadToPackage)
  }

  // MARK: - Raw

  private func uploadRaw(_ request: Request, _ context: AppContext) async throws -> Response {
    var query = QueryParameters(request.uri.query)
    let expected = query.required("sha256")
    let force = query.bool("force", default: false)
    let channel = try await services.channels.uploadTarget(
      context.pathParameter("channel"), by: context.principal)
    try query.validate()
    try await requireUpload(to: channel, action: .upload, package: nil, force: force, context.principal)
    let user = try context.principal.requireSignedIn()
    let fileName = try context.pathParameter("filename")
    _ = try ArtifactValidation.name(of: fileName)
    try checkDeclaredLength(request)

    try await continueIfExpected(request, context)
    var receiver = try UploadReceiver(spool: services.spool, maxSize: services.configuration.uploads.maxSize)
    try await receive(request, into: &receiver)
    let publish = PublishArtifact(services: services)
    let announced = publish.announce(size: receiver.received)
    let prepared = try await receiver.finish(mayStayInMemory: true) { file in
      guard expected.isEmpty || expected == file.sha256.hex else {
        throw APIError(.wrongChecksum, "Wrong SHA256 checksum")
      }
      return try publish.storedNow(publish.prepareNow(file, fileName: fileName), announced: announced)
    }
    try await publish.publish(
      prepared, .init(channel: channel, fileName: fileName, force: force, user: user))
    return .null(status: .created)
  }

  private func receive(_ request: Request, into receiver: inout UploadReceiver) async throws {
    let declared = request.headers[.contentLength].flatMap { Int64($0) }
    var received: Int64 = 0
    do {
      for try await chunk in request.body {
        received += Int64(chunk.readableBytes)
        try await receiver.receive(chunk)
      }
    } catch {
      throw Self.readError(error)
    }
    if let declared, received < declared {
      throw APIError(.uploadIncomplete, "the body ended after \(received) of \(declared) bytes")
    }
  }

  /// What a failure while a body is read means: our own errors stay, anything else is a client that broke off.
  static func readError(_ error: any Error) -> any Error {
    switch error {
    case is APIError, is SpoolError, is CancellationError: error
    default: APIError(.uploadIncomplete, "the body broke off", underlying: error)
    }
  }

  // MARK: - Multipart

  private func uploadToChannel(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy, .mirror])
    return try await uploadForm(request, context, channel: channel, endpoint: nil)
  }

  private func uploadToPackage(_ request: Request, _ context: AppContext) async throws -> Response {
    let channel = try await services.channels.readable(
      context.pathParameter("channel"), by: context.principal, refusing: [.proxy, .mirror])
    let (_, package) = try await services.readablePackage(context)
    return try await uploadForm(request, context, channel: channel, endpoint: package)
  }

  private func uploadForm(
    _ request: Request, _ context: AppContext, channel: ChannelRow, endpoint: PackageRow?
  ) async throws -> Response {
    let user = try context.principal.requireSignedIn()
    // Any chance of a permission must exist before the body is read; the exact one is checked per file below.
    try await requireAnyUploadRight(channel, endpoint, context.principal)
    try await continueIfExpected(request, context)
    let form = try await UploadForm.read(
      request, spool: services.spool, limits: services.configuration.uploads)
    let publish = PublishArtifact(services: services)
    var prepared: [(PublishArtifact.Prepared, String)] = []
    for part in form.files {
      let name = try ArtifactValidation.name(of: part.fileName)
      try await requireUpload(
        to: channel, action: .uploadToPackage, package: name.name.value, force: form.force, context.principal)
      prepared.append((try await publish.prepare(part.file, fileName: part.fileName), part.fileName))
      if let endpoint, endpoint.name != name.name.value {
        throw APIError(
          .endpointMismatch,
          "requested package endpoint '\(endpoint.name)' does not match the uploaded package name '\(name.name)'"
        )
      }
    }
    if !form.force { try await refuseDuplicates(prepared.map(\.0.artifact), in: channel) }
    try await requireQuota(of: channel, for: prepared.map(\.0))
    // Only when every file of the batch is sound and new is the first one published.
    for (artifact, fileName) in prepared {
      try await publish.publish(
        artifact, .init(channel: channel, fileName: fileName, force: form.force, user: user))
    }
    return .null(status: .created)
  }

  /// Finds what is there already, or twice in the batch; `publish` finds what comes in between.
  ///
  /// - Throws: 409 `Duplicate <file name>`.
  private func refuseDuplicates(_ batch: [ValidatedArtifact], in channel: ChannelRow) async throws {
    var paths: Set<String> = []
    for artifact in batch {
      let (subdir, fileName) = (artifact.index.subdir.value, artifact.name.fileName)
      let existing = try await services.metadata.artifact(
        channelID: channel.id, subdir: subdir, fileName: fileName)
      guard existing == nil, paths.insert("\(subdir)/\(fileName)").inserted else {
        throw APIError(.artifactExists, "Duplicate \(fileName)")
      }
    }
  }

  /// A batch goes in whole or not at all; `publish` finds what comes in between.
  ///
  /// - Throws: 422 if all files together do not fit. Those that replace others count with what they add.
  private func requireQuota(of channel: ChannelRow, for batch: [PublishArtifact.Prepared]) async throws {
    guard channel.sizeLimit != nil, let current = try await services.metadata.channel(id: channel.id) else {
      return
    }
    var growth: Int64 = 0
    for prepared in batch {
      let existing = try await services.metadata.artifact(
        channelID: channel.id, subdir: prepared.artifact.index.subdir.value,
        fileName: prepared.artifact.name.fileName)
      growth += prepared.file.size - (existing?.size ?? 0)
    }
    if growth > 0 { try CopyArtifact.requireQuota(of: current, for: growth) }
  }

  // MARK: - Rights

  private func requireUpload(
    to channel: ChannelRow, action: Action, package: String?, force: Bool, _ principal: Principal
  ) async throws {
    try await services.authorizer.require(action, on: channel, package: package, for: principal)
    if force {
      try await services.authorizer.require(.overwrite, on: channel, package: package, for: principal)
    }
  }

  /// For a form: the channel role, or a package role on some package of the channel. Without either the body is not read.
  private func requireAnyUploadRight(
    _ channel: ChannelRow, _ endpoint: PackageRow?, _ principal: Principal
  ) async throws {
    let decision = try await services.authorizer.decide(
      .uploadToPackage, on: channel, package: endpoint?.name, for: principal)
    if decision == .allow { return }
    guard endpoint == nil, let user = principal.user else {
      throw decision == .needsLogin ? APIError.notLoggedIn : APIError.noPermission
    }
    let roles = try await services.metadata.packageRoles(of: user.user.id).rows
    let mayUploadSome = roles.contains {
      $0.channel.lowercased() == channel.name.lowercased() && $0.role >= .maintainer
    }
    if !mayUploadSome { throw APIError.noPermission }
  }

  // MARK: - The wire

  private func checkDeclaredLength(_ request: Request) throws {
    guard let length = request.headers[.contentLength].flatMap({ Int64($0) }) else { return }
    try UploadReceiver.check(size: length, against: services.configuration.uploads.maxSize?.bytes)
  }

  /// Answers `Expect: 100-continue`, now that the request may go on: curl waits a second otherwise.
  private func continueIfExpected(_ request: Request, _ context: AppContext) async throws {
    guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
    try await context.connection.writeAndFlush(
      HTTPResponsePart.head(HTTPResponse(status: .continue)))
  }
}
