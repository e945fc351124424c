import Client
import Testing

struct RegistryURLTests {
  @Test(arguments: [
    ("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("https://h/", "https://h"),
    ("HTTP://h/q/r//", "http://h/q/r"),
    ("quetz://h", "https://h"),
  ])
  func readsServers(text: String, description: String) throws {
    #expect(try RegistryURL(parsing: text).description == description)
  }

  @Test(arguments: [
    "", "h", "127.0.0.1:8000", "ftp://h", "http://", "http:///x", "http://u:p@h", "http://h/?q", "http://h#f",
  ])
  func refusesWhatIsNoServer(text: String) {
    #expect(throws: RegistryError.self) { try RegistryURL(parsing: text) }
  }

  @Test(arguments: [
    ("http://h/api/channels/c0", "http://h", "c0"),
    ("https://h:1/q/api/channels/My-Channel/", "https://h:1/q", "My-Channel"),
    ("http://h/api/channels/a%2Eb", "http://h", "a.b"),
  ])
  func readsUploadAddresses(text: String, server: String, channel: String) throws {
    let address = try RegistryURL.uploadAddress(parsing: text)
    #expect(address.server.description == server)
    #expect(address.channel == channel)
  }

  @Test(arguments: [
    "http://h", "http://h/get/c0", "http://h/api/channels/", "http://h/api/channels/a/b",
    "http://h/api/channels/a%2Fb",
  ])
  func refusesWhatIsNoUploadAddress(text: String) {
    #expect(throws: RegistryError.self) { try RegistryURL.uploadAddress(parsing: text) }
  }

  @Test(arguments: [
    ("http://localhost:8000", false), ("http://127.8.9.1", false), ("http://[::1]:80", false),
    ("https://example.org", false),
    ("http://example.org", true), ("http://127.0.0.1.example.org", true), ("http://10.0.0.1", true),
    ("http://[2001:db8::1]", true),
  ])
  func keysAreExposedByPlainHTTPToOtherMachines(url: String, isExposed: Bool) throws {
    #expect(try RegistryURL(parsing: url).exposesKeys == isExposed)
  }
}
