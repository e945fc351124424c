import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

/// The original server's holes (quetz-api.md §9.2), each tried; the numbers are the contract's.
///
/// `DownloadPagesTests` and `UploadWireTests` have more of 7 and 8.
@Suite struct UpstreamHolesTests {
  @Test func n1LetsNoPathLeaveTheStore() async throws {
    try await TestApp.with { app in
      try await app.createChannel("open")
      for path in [
        "/get/open/../../config.toml", "/get/open/..%2f..%2fconfig.toml",
        "/get/open/%2e%2e/%2e%2e/config.toml",
        "/get/../config.toml", "/get/open//etc/passwd", "/get/%2e%2e/config.toml",
        "/channels/open/..%5c..%5cx",
        "/get/open/noarch/..%2f..%2f..%2fquetz.sqlite", "/docs/../config.toml", "/docs/%2e%2e/config.toml",
      ] {
        let answer = try await app.send(.get, path)
        #expect(answer.status == 404, "\(path)")
        #expect(!answer.text.contains("secret"), "\(path)")
      }
    }
  }

  @Test func n2LetsNobodyBecomeSomebodyInProduction() async throws {
    try await TestApp.with { app in
      let answer = try await app.send(.get, "/api/dummylogin/owner")
      #expect(answer.status == 404)
      #expect(answer.headers[.setCookie] == nil)
    }
  }

  @Test func n3LetsNobodyTakeRolesAwayWhoCouldNotGiveThem() async throws {
    try await TestApp.with { app in
      for (user, target, role, status) in [
        (nil, "owner", .null, 401), ("nobody", "owner", .null, 403), ("member", "owner", .null, 403),
        ("maintainer", "owner", .null, 403), ("maintainer", "owner", "member", 403),
        ("maintainer", "maintainer", "owner", 403), ("nobody", "nobody", "owner", 403),
        ("maintainer", "member", .null, 200),
      ] as [(String?, String, JSONValue, Int)] {
        let answer = try await app.send(.put, "/api/users/\(target)/role", as: user, json: ["role": role])
        #expect(answer.status == status, "\(user ?? "-") \(target) \(role)")
      }
      #expect(try await app.metadata.user(named: "owner")?.role == .owner)
      #expect(try await app.send(.delete, "/api/users/owner", as: "maintainer").status == 403)
    }
  }

  @Test func n4HandsOutNoRoleBehindAnEmptyChannel() async throws {
    try await TestApp.with { app in
      try await app.createChannel("other", isPrivate: true)
      for empty in ["", " ", "none"] {
        let roles: JSONValue = [
          ["channel": .string(empty), "package": .null, "role": "owner"],
          ["channel": "other", "package": .null, "role": "owner"],
        ]
        let answer = try await app.send(
          .post, "/api/api-keys", as: "member", json: ["description": "x", "roles": roles])
        #expect([403, 404, 422].contains(answer.status), "\(answer.text)")
      }
      #expect(try await app.json("/api/api-keys", as: "member").asArray?.count == 1)
    }
  }

  @Test func n5MakesNoChannelThatIsNoFolder() async throws {
    try await TestApp.with { app in
      for name in ["..", ".", "", "a/b", "a b", "a\\b", "../x", "a\u{0}b", "ä", "a_b", "-a", "%2e%2e"] {
        let answer = try await app.send(.post, "/api/channels", as: "owner", json: ["name": .string(name)])
        #expect(answer.status == 422, "\(name)")
      }
      #expect(try await app.metadata.allChannels().isEmpty)
    }
  }

  @Test func n6ShowsNoNumbersOfPrivateChannels() async throws {
    try await TestApp.with { app in
      try await app.createChannel("shut", isPrivate: true)
      #expect(try await app.upload(PackageBuilder(), to: "shut").status == 201)
      let version = "packages/demo/versions/noarch/demo-1.0-0.conda"
      for path in ["/metrics/channels/shut", "/metrics/channels/shut/\(version)"] {
        #expect(try await app.send(.get, path).status == 401, "\(path)")
        #expect(try await app.send(.get, path, as: "nobody").status == 403, "\(path)")
      }
      for path in [
        "/api/channels/shut/\(version)/run_exports", "/api/channels/shut/noarch/conda-suggest",
        "/api/content-trust/new-key?secret=true",
      ] { #expect(try await app.send(.get, path).status == 404, "\(path)") }
      let numbers = try await app.send(.get, "/metricsp")
      #expect(!numbers.text.contains("channel=\"shut\""))
    }
  }

  @Test func n7MakesNoMarkupOfWhatPackagesSay() async throws {
    try await TestApp.with { app in
      let script = "</a><script>alert(1)</script>"
      let fields: JSONValue = ["name": "lab", "private": false, "description": .string(script)]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: fields).status == 201)
      var package = PackageBuilder()
      let about: JSONValue = [
        "home": "javascript:alert(1)", "summary": .string(script), "license": "\" onclick=\"alert(1)",
        "doc_url": "https://x.example/\"><script>",
      ]
      package.aboutJSON = .text(about.canonicalText())
      #expect(try await app.upload(package, to: "lab").status == 201)
      try await app.settle("lab")
      for path in ["/get/lab/", "/get/lab/noarch/", "/channels/lab/index.html", "/docs"] {
        let page = try await app.send(.get, path)
        #expect(page.status == 200 && !page.text.contains("alert(1)</script>"), "\(path)")
        #expect(!page.text.contains("\"javascript:") && !page.text.contains("\" onclick="), "\(path)")
        // Were there one, no browser would run it.
        let policy = try #require(page.headers[.contentSecurityPolicy])
        let scripts = policy.split(separator: ";").filter { $0.contains("script-src") }
        #expect(policy.contains("default-src 'none'"), "\(path)")
        #expect(scripts.allSatisfy { !$0.contains("unsafe") }, "\(path)")
      }
      // Names in errors are text, not pages.
      let error = try await app.send(.get, "/get/%3Cscript%3E/")
      #expect(error.status == 404 && error.headers[.contentType] == "application/json")
    }
  }

  @Test func n8ReadsNoBodyOfStrangers() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let package = PackageBuilder()
      for (path, key, status) in [
        ("upload/\(package.fileName)?sha256=", "", 401), ("files/", "", 401),
        ("upload/\(package.fileName)?sha256=", "X-API-Key: \(app.keys["nobody"] ?? "")\r\n", 403),
        ("files/", "X-API-Key: \(app.keys["nobody"] ?? "")\r\n", 403),
      ] {
        // The whole body is announced and never sent: the answer cannot have waited for it.
        let connection = try await UploadConnection(to: app.baseURL)
        try await connection.send(
          "POST /api/channels/lab/\(path) HTTP/1.1\r\nHost: test\r\n\(key)"
            + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000\r\n\r\n")
        let head = try await connection.receiveHead()
        #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(path)")
        #expect(try await app.footprint().spoolFiles.isEmpty)
      }
    }
  }

  @Test func n9KeepsNoKeyInClear() async throws {
    try await TestApp.with(development: true) { app in
      let key = try await app.createKey(as: "owner")
      let login = try await app.send(.get, "/api/dummylogin/member")
      let cookie = String(try #require(login.headers[.setCookie]).prefix { $0 != ";" })
      #expect(try await !app.send(.get, "/api/api-keys", as: "owner").text.contains(key))
      #expect(try await !app.send(.get, "/api/audit?limit=-1", as: "owner").text.contains(key))
      for file in try FileManager.default.contentsOfDirectory(atPath: app.deployment.root)
      where file.hasPrefix("quetz.sqlite") {
        let bytes = try Data(contentsOf: URL(filePath: app.deployment.root + "/" + file))
        #expect(bytes.range(of: Data(key.utf8)) == nil, "\(file)")
      }
      #expect(try await app.send(.delete, "/api/users/member", as: "owner").status == 200)
      #expect(try await app.send(.get, "/api/me", headers: [.cookie: cookie]).status == 401)
    }
  }

  @Test func n10FollowsNoAddressInside() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      for host in [
        "127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "192.168.1.1", "0.0.0.0",
        "2130706433", "[::ffff:127.0.0.1]",
      ] {
        let body: JSONValue = [
          "name": "proxy", "mirror_mode": "proxy", "mirror_channel_url": .string("http://\(host)/get/x"),
        ]
        #expect(try await app.send(.post, "/api/channels", as: "owner", json: body).status == 422, "\(host)")
        let mirror: JSONValue = ["url": .string("http://\(host)/get/x")]
        #expect(
          try await app.send(.post, "/api/channels/lab/mirrors", as: "owner", json: mirror).status == 422,
          "\(host)")
      }
    }
  }

  @Test func n11RunsNoCodeFromAJob() async throws {
    try await TestApp.with { app in
      for manifest in [
        "os:system", "gASVIQAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU", "quetz-x:y", "", "__import__",
      ] {
        let answer = try await app.send(
          .post, "/api/jobs", as: "owner", json: ["manifest": .string(manifest), "items_spec": "*"])
        #expect(answer.status == 422, "\(manifest)")
      }
    }
  }
}
