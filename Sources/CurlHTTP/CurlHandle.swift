import CCurl
import Foundation
import HTTPTypes
import NIOCore

/// A libcurl easy handle with what must live as long as its transfer. Used by the loop's thread only.
///
/// libcurl keeps pointers to this object, so the loop holds it until the handle is out of the multi handle.
final class CurlHandle {
  let easy: UnsafeMutableRawPointer
  private(set) var exchange: CurlExchange?
  /// Why our own side broke the transfer off.
  private(set) var localFailure: TransportError?
  private var upload: UploadSource?
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  /// Small uploads are not worth a round trip of asking.
  private static let expectThreshold: Int64 = 1 << 20
  /// libcurl's own limit for what it sends with the head.
  private static let joinedBodySize = (64 << 10) - 1
  private static let networkBufferSize = 256 << 10

  init?() {
    guard let easy = curl_easy_init() else {
      errorText.deallocate()
      return nil
    }
    self.easy = easy
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
    upload?.close()
    errorText.deallocate()
  }

  /// Makes the handle ready for the next transfer; connections and the name cache stay with the multi handle.
  func reset() {
    curl_easy_reset(easy)
    curl_slist_free_all(headers)
    headers = nil
    upload?.close()
    upload = nil
    exchange = nil
    localFailure = nil
  }

  /// Sets every option for an exchange.
  ///
  /// - Parameter lastWords: Must outlive the multi handle, since connections keep pointing to it.
  func prepare(
    for exchange: CurlExchange, _ configuration: CurlConfiguration, _ lastWords: LastWords
  ) throws(TransportError) {
    self.exchange = exchange
    let joined = configuration.maxRedirects == 0 ? Self.joinedBody(of: exchange.body) : nil
    upload = joined == nil ? try UploadSource(exchange.body) : nil
    try setTarget(exchange.request)
    if let joined {
      setJoined(joined, exchange.request)
    } else {
      setMethod(exchange.request.method)
    }
    setHeaders(exchange.request.headerFields, configuration)
    setConnection(configuration)
    setProxy(configuration.proxies, scheme: exchange.request.scheme)
    setTimeouts(exchange.timeouts)
    setCallbacks()
    quetz_curl_set_pointer(easy, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(lastWords).toOpaque())
    quetz_curl_set_close_socket_callback(easy, curlClosesSocket)
  }

  // MARK: - Options

  private func setTarget(_ request: HTTPRequest) throws(TransportError) {
    guard let scheme = request.scheme?.lowercased(), scheme == "http" || scheme == "https",
      let authority = request.authority, !authority.isEmpty
    else { throw TransportError(.invalidRequest, "the request has no http or https URL with a host") }
    guard authority.utf8.allSatisfy({ byte in byte > 0x20 && byte < 0x7F && !"/?#@\\".utf8.contains(byte) })
    else {
      throw TransportError(.invalidRequest, "'\(authority)' is not a host with an optional port")
    }
    let path = request.path ?? "/"
    if Self.survivesURLParsing(path) {
      set(CURLOPT_URL, "\(scheme)://\(authority)\(path)")
    } else {
      set(CURLOPT_URL, "\(scheme)://\(authority)/")
      set(CURLOPT_REQUEST_TARGET, path)
    }
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
  }

  /// Whether libcurl sends the path as it is in a URL; otherwise it is set as request target, which a plain-HTTP
  /// proxy would not understand.
  private static func survivesURLParsing(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.hasSuffix("?")
      && path.utf8.allSatisfy { byte in byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "#") }
  }

  private func setMethod(_ method: HTTPRequest.Method) {
    let needsLength = method == .post || method == .put || method == .patch
    if upload != nil || needsLength {
      set(CURLOPT_UPLOAD, 1)
      set(CURLOPT_CUSTOMREQUEST, method.rawValue)
      quetz_curl_set_offset(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(upload.map { $0.size ?? -1 } ?? 0))
      set(CURLOPT_UPLOAD_BUFFERSIZE, Self.networkBufferSize)
    } else if method == .head {
      set(CURLOPT_NOBODY, 1)
    } else {
      set(CURLOPT_HTTPGET, 1)
      if method != .get { set(CURLOPT_CUSTOMREQUEST, method.rawValue) }
    }
  }

  /// A body that is sent in one piece with its head, since it is at hand and small: one packet less, and the server
  /// wakes up once. libcurl does so for what it takes for a form, which it could not follow redirects with.
  private static func joinedBody(of body: HTTPRequestBody) -> ByteBuffer? {
    guard case .bytes(let buffer) = body, 1...joinedBodySize ~= buffer.readableBytes else { return nil }
    return buffer
  }

  private func setJoined(_ body: ByteBuffer, _ request: HTTPRequest) {
    quetz_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.readableBytes))
    body.withUnsafeReadableBytes { bytes in
      _ = quetz_curl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
    if request.headerFields[.contentType] == nil { append(header: "Content-Type:") }
  }

  private func setHeaders(_ fields: HTTPFields, _ configuration: CurlConfiguration) {
    for field in fields where field.name != .contentLength && field.name != .transferEncoding {
      // libcurl takes "Name:" as a wish to send no such field, and "Name;" as one without a value.
      append(header: field.value.isEmpty ? "\(field.name.rawName);" : "\(field.name.rawName): \(field.value)")
    }
    if fields[.accept] == nil { append(header: "Accept:") }
    if fields[.expect] == nil, !configuration.expectContinue || !isLargeUpload { append(header: "Expect:") }
    quetz_curl_set_pointer(easy, CURLOPT_HTTPHEADER, headers)
  }

  private var isLargeUpload: Bool {
    guard let upload else { return false }
    return upload.size.map { $0 > Self.expectThreshold } ?? true
  }

  private func append(header: String) {
    if let extended = curl_slist_append(headers, header) { headers = extended }
  }

  private func setConnection(_ configuration: CurlConfiguration) {
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_BUFFERSIZE, Self.networkBufferSize)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    let version = configuration.allowHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
    set(CURLOPT_HTTP_VERSION, Int(version))
    set(CURLOPT_SSL_VERIFYPEER, configuration.verifyTLS ? 1 : 0)
    set(CURLOPT_SSL_VERIFYHOST, configuration.verifyTLS ? 2 : 0)
    if let bundle = configuration.caBundle { set(CURLOPT_CAINFO, bundle) }
    if configuration.maxRedirects > 0 {
      set(CURLOPT_FOLLOWLOCATION, 1)
      set(CURLOPT_MAXREDIRS, configuration.maxRedirects)
    }
  }

  /// Always says something: where these options are not set, libcurl reads the environment by itself.
  private func setProxy(_ proxies: HTTPProxies, scheme: String?) {
    set(CURLOPT_PROXY, (scheme?.lowercased() == "https" ? proxies.https : proxies.http) ?? "")
    set(CURLOPT_NOPROXY, proxies.exceptions)
  }

  private func setTimeouts(_ timeouts: TransferTimeouts) {
    // Without a value libcurl would give up connecting after 300 s; `nil` is meant as for ever.
    set(CURLOPT_CONNECTTIMEOUT_MS, timeouts.connect.map(\.wholeMilliseconds) ?? Int(Int32.max))
    if let total = timeouts.total { set(CURLOPT_TIMEOUT_MS, total.wholeMilliseconds) }
  }

  private func setCallbacks() {
    let context = Unmanaged.passUnretained(self).toOpaque()
    errorText.pointee = 0
    quetz_curl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    quetz_curl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    quetz_curl_set_callback(easy, CURLOPT_HEADERFUNCTION, curlReceivedHeaderLine)
    quetz_curl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    quetz_curl_set_callback(easy, CURLOPT_WRITEFUNCTION, curlReceivedBody)
    quetz_curl_set_pointer(easy, CURLOPT_READDATA, context)
    quetz_curl_set_callback(easy, CURLOPT_READFUNCTION, curlWantsUpload)
    quetz_curl_set_pointer(easy, CURLOPT_SEEKDATA, context)
    quetz_curl_set_seek_callback(easy, curlWantsRewind)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  private func set(_ option: CURLoption, _ value: Int) { quetz_curl_set_long(easy, option, value) }
  private func set(_ option: CURLoption, _ value: String) { quetz_curl_set_string(easy, option, value) }

  // MARK: - Progress and result

  /// Bytes moved so far in both directions, heads included.
  var movedBytes: Int64 {
    var sent: curl_off_t = 0
    var received: curl_off_t = 0
    var heads = 0
    quetz_curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
    quetz_curl_get_offset(easy, CURLINFO_SIZE_DOWNLOAD_T, &received)
    quetz_curl_get_long(easy, CURLINFO_HEADER_SIZE, &heads)
    return Int64(sent) + Int64(received) + Int64(heads)
  }

  /// Our port on the transfer's last connection; 0 if there was none.
  var localPort: Int {
    var port = 0
    quetz_curl_get_long(easy, CURLINFO_LOCAL_PORT, &port)
    return port
  }

  /// What the transfer came to; `nil` is success.
  func error(for result: CURLcode) -> TransportError? {
    if let localFailure, result != CURLE_OK { return localFailure }
    var readyAfter: curl_off_t = 0
    quetz_curl_get_offset(easy, CURLINFO_PRETRANSFER_TIME_T, &readyAfter)
    return TransportError(result, detail: String(cString: errorText), wasConnected: readyAfter > 0)
  }

  // MARK: - Called by libcurl

  fileprivate func readUpload(into target: UnsafeMutableRawBufferPointer) -> Int {
    guard var source = upload, let exchange else { return 0 }
    defer { upload = source }
    do {
      switch try source.read(into: target, exchange: exchange) {
      case .bytes(let count): return count
      case .end: return 0
      case .pause: return Int(CURL_READFUNC_PAUSE)
      case .failed: return Int(CURL_READFUNC_ABORT)
      }
    } catch {
      localFailure = error
      return Int(CURL_READFUNC_ABORT)
    }
  }

  fileprivate func rewindUpload() -> Bool {
    guard var source = upload, let exchange else { return true }
    defer { upload = source }
    return source.rewind(exchange: exchange)
  }
}

extension Duration {
  /// At least 1, so that a tiny timeout does not become libcurl's 0, which is "none"; 24 days at most.
  fileprivate var wholeMilliseconds: Int { Int(min(max(1, self / .milliseconds(1)), Double(Int32.max))) }
}

private func handle(_ context: UnsafeMutableRawPointer?) -> CurlHandle? {
  context.map { Unmanaged<CurlHandle>.fromOpaque($0).takeUnretainedValue() }
}

private func curlReceivedHeaderLine(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  let line = Array(UnsafeRawBufferPointer(start: data, count: size * count))
  handle(context)?.exchange?.update { transfer in transfer.receive(headerLine: line) }
  return size * count
}

private func curlReceivedBody(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  switch handle(context)?.exchange?.receive(body: UnsafeRawBufferPointer(start: data, count: size * count)) {
  case .accept: size * count
  case .pause: Int(CURL_WRITEFUNC_PAUSE)
  case .abort, nil: Int(CURL_WRITEFUNC_ERROR)
  }
}

private func curlWantsUpload(
  _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  handle(context)?.readUpload(into: UnsafeMutableRawBufferPointer(start: data, count: size * count)) ?? 0
}

private func curlWantsRewind(_ context: UnsafeMutableRawPointer?, _ offset: curl_off_t, _ origin: Int32)
  -> Int32
{
  guard offset == 0, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
  return handle(context)?.rewindUpload() == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK
}

private func curlClosesSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
  context.map { Unmanaged<LastWords>.fromOpaque($0).takeUnretainedValue().closeSocket(socket) }
    ?? close(socket)
}
