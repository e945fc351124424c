import CurlHTTP
import HTTPTypes
import Testing

/// Certificates are checked, for trust and for the host's name, on real connections.
struct CurlTransportTLSTests {
  /// What a request to a server under `localhost` comes to.
  private static func outcome(
    of name: String, _ change: (TLSServer, inout CurlConfiguration) -> Void
  ) async throws -> TransportError.Kind? {
    let server = try TLSServer(name: name)
    var configuration = CurlConfiguration()
    change(server, &configuration)
    let transport = CurlTransport(configuration: configuration)
    defer { withExtendedLifetime(server) {} }
    do {
      let answer = try await transport.send(HTTPRequest(url: "https://localhost:\(server.port)/"))
      return answer.statusCode == 200 ? nil : .unexpected
    } catch {
      return error.kind
    }
  }

  @Test func aCertificateOfAnUnknownAuthorityIsRefused() async throws {
    let kind = try await Self.outcome(of: "localhost") { _, _ in }
    #expect(kind == .untrustedCertificate)
  }

  @Test func theBundleSaysWhomToTrust() async throws {
    let kind = try await Self.outcome(of: "localhost") { $1.caBundle = $0.certificate }
    #expect(kind == nil)
  }

  @Test func aTrustedCertificateOfAnotherHostIsRefused() async throws {
    let kind = try await Self.outcome(of: "elsewhere.example") { $1.caBundle = $0.certificate }
    #expect(kind == .untrustedCertificate)
  }

  @Test func withoutVerificationAnybodyIsBelieved() async throws {
    let kind = try await Self.outcome(of: "elsewhere.example") { $1.verifyTLS = false }
    #expect(kind == nil)
  }

  @Test func aBundleThatIsMissingIsSaid() async throws {
    let kind = try await Self.outcome(of: "localhost") { $1.caBundle = $0.certificate + ".missing" }
    #expect(kind == .untrustedCertificate)
  }
}
