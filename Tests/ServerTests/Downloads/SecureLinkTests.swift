import Backends
import Foundation
import Server
import Testing

/// The marks were made with `printf '%s' "<expires><key> <secret>" | openssl md5 -binary | openssl base64`, as nginx's
/// documentation of secure_link has it; `make nginx-test` shows links to a real nginx.
@Suite struct SecureLinkTests {
  private static let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

  @Test(
    arguments: [
      ("/files", "secret", 2_147_480_047, "sha256/9f/\(digest)", "UcTOxPFYnWhnCxFDriRe_A", "2147483647"),
      (
        "https://cdn.example.com/x", " ü /+?&=", 1_800_000_000, "sha256/ab/abcdef", "ISEPC3D7w3ZDP_Nt3BJ7kw",
        "1800003600"
      ),
      ("/files", "a secret", 1_799_996_460, "sha256/ab/3", "Ion5PI_8k0-og-tY4GaO2w", "1800000060"),
    ])
  func signsAsNginxChecks(
    _ endpoint: String, _ secret: String, _ now: Int, _ key: String, _ mark: String, _ expires: String
  ) throws {
    let link = SecureLink(endpoint: endpoint, secret: Secret(secret), lifetime: .seconds(3600))
    let url = try link.url(for: try BlobKey(key), now: Date(timeIntervalSince1970: Double(now) + 0.999))
    #expect(url == "\(endpoint)/\(key)?md5=\(mark)&expires=\(expires)")
  }
}
