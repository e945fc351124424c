import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import TestSupport
import Testing

/// The browsable pages hold text of strangers; none of it may become markup.
@Suite struct DownloadPagesTests {
  static let script = "<script>alert('x')</script>"

  /// A page's text without what a browser takes for markup of ours.
  private static func expectNoInjection(_ html: String, _ comment: Comment = "") {
    #expect(!html.contains("<script"), comment)
    #expect(!html.contains("<img"), comment)
    #expect(!html.lowercased().contains("\"javascript:"), comment)
    #expect(!html.contains("onload=\""), comment)
    // Every attribute value is quoted and closed: no tag has an odd number of quotes.
    for tag in html.split(separator: "<").dropFirst() {
      let inside = tag.prefix { $0 != ">" }
      #expect(inside.filter { $0 == "\"" }.count % 2 == 0, "<\(inside)>")
    }
  }

  @Test(arguments: [
    "https://x.example/\"><script>alert(1)</script>", "https://x.example/' onload=\"alert(1)",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", " javascript:alert(1)", "JAVASCRIPT:alert(1)",
    "https://x.example/?a=1&b=<2>",
    "//x.example", "vbscript:x", "\u{1}javascript:alert(1)", "",
  ])
  func escapeAHostileHome(home: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      var package = PackageBuilder()
      let about: JSONValue = [
        "home": .string(home), "summary": .string(Self.script), "license": .string("\"><img src=x>&amp;"),
      ]
      package.aboutJSON = .text(about.canonicalText())
      #expect(try await app.upload(package, to: "lab").status == 201)
      try await app.settle("lab")
      let html = try await app.send(.get, "/get/lab/").text
      Self.expectNoInjection(html, "\(home)")
      #expect(html.contains("demo"))
      #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"))
      #expect(html.contains("&quot;&gt;&lt;img src=x&gt;&amp;amp;"))
      #expect(html.contains("href=\"https://") == home.hasPrefix("https://"))
    }
  }

  @Test func escapeAHostileChannelDescription() async throws {
    try await TestApp.with { app in
      let body: JSONValue = [
        "name": "lab", "private": .bool(false), "description": .string("a & b " + Self.script),
      ]
      #expect(
        try await app.send(.post, "/api/channels", as: "owner", body: .text(body.canonicalText())).status
          == 201)
      let html = try await app.send(.get, "/get/lab/").text
      Self.expectNoInjection(html)
      #expect(html.contains("a &amp; b &lt;script&gt;"))
    }
  }

  @Test func escapeAHostileFileName() async throws {
    // Uploads refuse such names; a row from elsewhere must still do no harm.
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let owner = try #require(app.userIDs["owner"])
      let name = "x\"><script>'&-1.0-0.conda"
      let digest = try Digest(algorithm: .sha256, bytes: [UInt8](repeating: 7, count: 32))
      let new = NewArtifact(
        channelID: channel.id, packageName: "x", subdir: "noarch", fileName: name, format: "conda",
        version: "1.0",
        build: "0", buildNumber: 0, size: 3, sha256: digest,
        md5: try Digest(algorithm: .md5, bytes: [UInt8](repeating: 7, count: 16)), info: "{}",
        runExports: nil,
        channelData: try Self.channelData(), summary: nil, description: nil, uploaderID: owner,
        createPackageOwner: true, now: Date(), sizeLimit: nil)
      _ = try await app.metadata.publishArtifact(new, replacing: false) { _ in
        RenderedRecord(json: "{}", messagePack: [0x80])
      }
      try await app.settle("lab")
      let html = try await app.send(.get, "/get/lab/noarch/").text
      Self.expectNoInjection(html)
      #expect(html.contains("x&quot;&gt;&lt;script&gt;&#39;&amp;-1.0-0.conda</a>"))
      #expect(html.contains("href=\"x%22%3E%3Cscript%3E%27%26-1.0-0.conda\""))
    }
  }

  private static func channelData() throws -> ChannelDataEntry {
    let index = try IndexJSON.parse(
      Array(#"{"name":"x","version":"1.0","build":"0","build_number":0,"subdir":"noarch","depends":[]}"#.utf8)
    ).get()
    let paths = try PathsSummary.parse(
      pathsJSON: nil, filesList: [], hasPrefix: nil, packageName: index.name
    ).get()
    return ChannelDataEntry(index: index, about: nil, runExports: nil, paths: paths)
  }

  @Test func linkToEveryFile() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let package = PackageBuilder(name: "demo", version: "1!2.0+x", build: "0", format: .conda)
      #expect(try await app.upload(package, to: "lab").status == 201)
      try await app.settle("lab")
      let root = try await app.send(.get, "/get/lab/").text
      #expect(root.contains("<a href=\"noarch/\">noarch/</a>"))
      #expect(root.contains("<a href=\"channeldata.json\">"))
      #expect(root.contains("Files: 1"))
      let page = try await app.send(.get, "/get/lab/noarch/").text
      var count = 0
      for match in page.matches(of: /href="([^"]+)"/) where !match.1.hasPrefix("..") {
        #expect(try await app.send(.get, "/get/lab/noarch/\(match.1)").status == 200, "\(match.1)")
        count += 1
      }
      #expect(count == 8)
      #expect(page.contains("demo-1!2.0+x-0.conda"))
    }
  }

  @Test(arguments: [
    JSONValue.integer(.max), .integer(.min), .integer(0), .integer(-1), .integer(253_402_300_800),
    .integer(9_223_372_036_854_775), .integer(1_700_000_000), .number(1e300), .number(-1e300), .number(0.5),
    .number(9.3e18),
  ])
  func surviveAbsurdTimestamps(timestamp: JSONValue) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      var package = PackageBuilder()
      package.indexFields = ["timestamp": timestamp]
      let status = try await app.upload(package, to: "lab").status
      #expect([201, 422].contains(status))
      try await app.settle("lab")
      for path in ["", "noarch/", "channeldata.json", "noarch/repodata.json"] {
        #expect(try await app.send(.get, "/get/lab/\(path)").status == 200, "\(path)")
      }
      #expect(try await app.repodataFileNames("lab", "noarch").isEmpty == (status == 422))
    }
  }
}
