import Server
import Testing

@Suite struct OutboundURLTests {
  @Test(arguments: [
    "conda.example.org", "8.8.8.8", "192.0.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "a.b",
    "2002:808:808::1", "64:ff9b::8.8.8.8",
  ])
  func letsPublicHostsPass(host: String) { #expect(!OutboundURL.isInternal(host)) }

  @Test(arguments: [
    "localhost", "LOCALHOST.", "foo.localhost", "printer", "db.internal", "x.local", "router.lan", "",
    "127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "10.1.2.3", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1",
    "255.255.255.255", "1.2.3.4.5", "256.1.1.1", "::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1", "::127.0.0.1",
    ":::", "1::2::3", "12345::", "::ffff:1.2.3",
  ])
  func findsInternalHosts(host: String) { #expect(OutboundURL.isInternal(host)) }

  @Test(arguments: [
    ("https://a.org/get/x", "a.org"), ("HTTP://A.org:8080", "a.org"), ("http://[::1]:8/x", "::1"),
    ("https://a.org?x", "a.org"),
  ])
  func readsTheHost(url: String, host: String) { #expect(OutboundURL.host(of: url) == host) }

  @Test(arguments: [
    "ftp://a.org", "a.org", "https://", "https://user@a.org/", "https://a.org%2f@b.org", "https://a b/",
    "https://é.org/",
    "https://a.org\\@b.org/", "https://[::1", "file:///etc/passwd", "https:///x",
  ])
  func refusesWhatParsersDisagreeAbout(url: String) { #expect(OutboundURL.host(of: url) == nil) }
}
