import CurlHTTP
import Foundation
import HTTPTypes
import Locks
import NIOCore
import S3Signer

/// Speaks S3 with one bucket: signs, sends, and makes typed errors of refusals. One file per operation; none
/// of them is repeated here, except after a refusal that tells how to ask right (clock, region).
final class S3Client: Sendable {
  /// What is learnt from the server's answers.
  private struct Learnt {
    var region: String?
    var endpoint: S3Endpoint?
    /// The server's clock minus ours.
    var skew: Int64 = 0
    var signer: Signer?
  }

  let configuration: S3Configuration
  private let credentials: any CredentialsProvider
  private let transport: any HTTPTransport
  private let now: @Sendable () -> Date
  private let onEvent: @Sendable (S3Event) -> Void
  /// Where to ask first which region the bucket is in; `nil` for nowhere in particular.
  private let regionHint: @Sendable () async -> String?
  private let learnt = Guarded(Learnt())

  /// The region in which one asks where a bucket is; AWS answers there for all its buckets.
  static let firstRegion = "us-east-1"
  private static let longestError = 256 << 10

  init(
    _ configuration: S3Configuration, credentials: any CredentialsProvider, transport: any HTTPTransport,
    now: @escaping @Sendable () -> Date, regionHint: @escaping @Sendable () async -> String?,
    onEvent: @escaping @Sendable (S3Event) -> Void
  ) throws(BlobStoreError) {
    self.configuration = configuration
    self.credentials = credentials
    self.transport = transport
    self.now = now
    self.regionHint = regionHint
    self.onEvent = onEvent
    _ = try S3Endpoint(configuration, region: Self.firstRegion)
    if !configuration.region.isEmpty { try settle(region: configuration.region) }
  }

  /// Sends a request; a refusal is thrown.
  func send(_ request: S3Request) async throws(S3Failure) -> HTTPTransportResponse {
    if learnt.withLock({ $0.region == nil }) { try await findRegion() }
    do throws(S3Failure) {
      return try await sendOnce(request)
    } catch {
      guard let refusal = error.refusal else { throw error }
      let hasLearnt = adjustClock(after: refusal) ? true : try adjustRegion(after: refusal)
      guard hasLearnt else { throw error }
      return try await sendOnce(request)
    }
  }

  /// Sends a request whose answer is a document.
  ///
  /// - Parameter other: What some server calls the root element.
  func document(
    of request: S3Request, root: String, or other: String? = nil
  ) async throws(S3Failure) -> S3XML {
    let response = try await send(request)
    let body: ByteBuffer
    do {
      body = try await response.collect(upTo: S3XML.longestAnswer)
    } catch {
      if case .bodyTooLarge = error.kind { throw .nonsense("the answer is too long to be one of S3") }
      throw .transport(error)
    }
    guard let document = S3XML.parse(body) else { throw .nonsense("the answer is no XML") }
    // CompleteMultipartUpload begins its answer with 200 before it knows how it ends.
    if document.name == "Error" { throw .refused(S3Error(response.response, body: body)) }
    guard document.name == root || document.name == other else {
      throw .nonsense("the answer is a <\(document.name)>, not a <\(root)>")
    }
    return document
  }

  /// Sends a request whose answer has nothing but its head.
  @discardableResult
  func head(of request: S3Request) async throws(S3Failure) -> HTTPFields {
    let response = try await send(request)
    do {
      _ = try await response.collect(upTo: Self.longestError)
    } catch {
      throw .transport(error)
    }
    return response.headerFields
  }

  /// The server's idea of now.
  var serverNow: Date { now().addingTimeInterval(Double(learnt.withLock { $0.skew })) }

  // MARK: - Sending

  private func sendOnce(_ request: S3Request) async throws(S3Failure) -> HTTPTransportResponse {
    let signed = try await sign(request)
    let response: HTTPTransportResponse
    do {
      response = try await transport.send(signed, body: request.body, timeouts: timeouts(for: request))
    } catch {
      throw .transport(error)
    }
    guard (200..<300).contains(response.statusCode) else {
      throw .refused(await Self.error(of: response))
    }
    return response
  }

  private static func error(of response: HTTPTransportResponse) async -> S3Error {
    do {
      return S3Error(response.response, body: try await response.collect(upTo: longestError))
    } catch {
      // A refusal whose explanation breaks off or has no end is still a refusal.
      return S3Error(response.response, body: ByteBuffer())
    }
  }

  private func timeouts(for request: S3Request) -> TransferTimeouts {
    TransferTimeouts(
      connect: configuration.connectTimeout, idle: configuration.idleTimeout,
      total: request.carriesObject ? nil : configuration.idleTimeout * 5)
  }

  private func sign(_ request: S3Request) async throws(S3Failure) -> HTTPRequest {
    let (signer, endpoint) = try await signer()
    let path = request.objectKey.map(endpoint.path(of:)) ?? endpoint.bucketPath
    let signed = signer.sign(
      SignableRequest(
        method: request.method.rawValue, path: path, query: request.query,
        headers: [NamedValue("Host", endpoint.authority)] + request.headers, payload: request.payload))
    var fields = HTTPFields()
    for header in request.headers + signed.headerFields {
      if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
    }
    let query = request.query.map { pair in
      URIEncoding.encode(component: pair.name) + "=" + URIEncoding.encode(component: pair.value)
    }
    return HTTPRequest(
      method: request.method, scheme: endpoint.scheme, authority: endpoint.authority,
      path: query.isEmpty ? path : path + "?" + query.joined(separator: "&"), headerFields: fields)
  }

  /// What to sign a URL with; finds the region out if nobody said it.
  func readySigner() async throws(S3Failure) -> (Signer, S3Endpoint) {
    if learnt.withLock({ $0.region == nil }) { try await findRegion() }
    return try await signer()
  }

  /// What to sign with now, and for where.
  private func signer() async throws(S3Failure) -> (Signer, S3Endpoint) {
    let found: Credentials
    do {
      found = try await credentials.credentials()
    } catch {
      throw .unsent(error)
    }
    let ours = Int64(now().timeIntervalSince1970)
    let ready = learnt.withLock { learnt -> (Signer, S3Endpoint)? in
      guard let region = learnt.region, let endpoint = learnt.endpoint else { return nil }
      let date = SigningDate(secondsSince1970: ours + learnt.skew)
      let known = learnt.signer.flatMap { $0.credentials == found && $0.scope.region == region ? $0 : nil }
      let signer = known?.at(date) ?? Signer(found, scope: SigningScope(date: date, region: region))
      learnt.signer = signer
      return (signer, endpoint)
    }
    guard let ready else { throw .nonsense("the region is not known") }
    return ready
  }

  // MARK: - Learning

  /// Whether the refusal was about our clock, which now goes by the server's.
  ///
  /// An answer to `HEAD` has no code; there a 403 whose date is far from ours counts.
  private func adjustClock(after refusal: S3Error) -> Bool {
    guard let server = refusal.serverDate else { return false }
    let difference = Int64(server.timeIntervalSince(now()).rounded())
    let skew = learnt.withLock { $0.skew }
    let isSilent = refusal.code.isEmpty && (refusal.status == 403 || refusal.status == 400)
    guard refusal.kind == .requestTimeTooSkewed || (isSilent && abs(difference - skew) > 240),
      difference != skew
    else { return false }
    learnt.withLock { $0.skew = difference }
    onEvent(.clockSkew(seconds: difference))
    return true
  }

  /// Whether the refusal was about a region that nobody configured, and named the right one.
  private func adjustRegion(after refusal: S3Error) throws(S3Failure) -> Bool {
    guard configuration.region.isEmpty, let region = refusal.region,
      learnt.withLock({ $0.region != region })
    else { return false }
    try use(region: region)
    onEvent(.regionFound(region))
    return true
  }

  private func use(region: String) throws(S3Failure) {
    do {
      try settle(region: region)
    } catch {
      throw .unsent(error)
    }
  }

  private func settle(region: String) throws(BlobStoreError) {
    let endpoint = try S3Endpoint(configuration, region: region)
    learnt.withLock { learnt in
      learnt.region = region
      learnt.endpoint = endpoint
    }
  }

  /// Asks in the region that AWS's tools would take, else in `us-east-1`: a server that wants another region says so
  /// before it looks at anything else, and one that does not care accepts.
  private func findRegion() async throws(S3Failure) {
    try use(region: await regionHint() ?? Self.firstRegion)
    do {
      let query = [NamedValue("list-type", "2"), NamedValue("max-keys", "1")]
      _ = try await document(of: S3Request(.get, query: query), root: "ListBucketResult")
    } catch {
      // Whatever else is wrong, the operation itself will say.
      guard error.refusal == nil else { return }
      learnt.withLock { $0.region = nil }
      throw error
    }
  }
}
