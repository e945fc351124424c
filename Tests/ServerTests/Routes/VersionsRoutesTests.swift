import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

@Suite struct VersionsRoutesTests {
  static let fields: Set<String> = [
    "id", "channel_name", "package_name", "platform", "version", "build_string", "build_number", "filename",
    "info",
    "uploader", "time_created", "download_count",
  ]
  static let root = "/api/channels/lab/packages/demo/versions"
  static let file = "\(root)/noarch/demo-1.0-0.conda"

  @Test func showsAVersionInExactlyUpstreamsFields() async throws {
    let clock = TestClock(1_795_332_792.25)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("Lab")
      var package = PackageBuilder()
      package.buildNumber = 7
      package.depends = ["python"]
      let bytes = try package.bytes()
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab").status == 201)
      let version = try await app.json(Self.file)
      #expect(version.keys == Self.fields)
      let id = try #require(version["id"]?.asString)
      #expect(UUID(uuidString: id) != nil && id == id.lowercased())
      #expect(version["channel_name"] == "Lab")
      #expect(version["package_name"] == "demo")
      #expect(version["platform"] == "noarch")
      #expect(version["version"] == "1.0")
      #expect(version["build_string"] == "0")
      #expect(version["build_number"] == 7)
      #expect(version["filename"] == "demo-1.0-0.conda")
      #expect(version["uploader"] == ["name": "Owner", "avatar_url": "/avatar.jpg"])
      #expect(version["time_created"] == "2026-11-22T07:33:12.250000")
      #expect(version["download_count"] == 0)
      let info = try #require(version["info"])
      #expect(info["size"]?.asInteger == Int64(bytes.count))
      #expect(info["sha256"]?.asString == (try ArchiveWriting.sha256(bytes)))
      #expect(info["md5"]?.asString?.utf8.count == 32)
      #expect(info["depends"] == ["python"])
      #expect(info["subdir"] == "noarch")
      #expect(info["indexed_timestamp"] == nil)
    }
  }

  @Test func listsTheNewestFirst() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let versions = ["1.9", "1.10", "1.10rc1", "2.0.dev1", "1!0.1", "1.0"]
      for version in versions {
        #expect(try await app.upload(PackageBuilder(version: version), to: "lab").status == 201)
      }
      var second = PackageBuilder(version: "1.0", build: "1")
      second.buildNumber = 1
      #expect(try await app.upload(second, to: "lab").status == 201)
      let sorted = ["1!0.1", "2.0.dev1", "1.10", "1.10rc1", "1.9", "1.0", "1.0"]
      let list = try await app.json(Self.root).asArray ?? []
      #expect(list.compactMap { $0["version"]?.asString } == sorted)
      #expect(list.suffix(2).compactMap { $0["build_number"]?.asInteger } == [1, 0])
      #expect(list.allSatisfy { $0.keys == Self.fields })
      let pages: [(String, ArraySlice<String>)] = [
        ("", sorted[...]), ("?limit=2", sorted[..<2]), ("?skip=2&limit=2", sorted[2..<4]),
        ("?skip=5", sorted[5...]),
        ("?limit=0", []), ("?limit=-1", sorted[...]), ("?skip=7", []), ("?skip=9999999", []),
        ("?skip=9223372036854775807&limit=9223372036854775807", []),
      ]
      for (query, expected) in pages {
        let page = try await app.json("/api/paginated/channels/lab/packages/demo/versions\(query)")
        #expect(page.keys == ["pagination", "result"])
        #expect(
          (page["result"]?.asArray ?? []).compactMap { $0["version"]?.asString } == Array(expected),
          "\(query)")
        #expect(page["pagination"]?["all_records_count"] == 7)
      }
      #expect(try await app.json("/api/channels/lab/packages/demo")["current_version"] == "1!0.1")
    }
  }

  @Test func keepsIdentityAndCountWhenReplaced() async throws {
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      try await app.setRole(.owner, of: "member", in: "lab")
      var package = PackageBuilder()
      #expect(try await app.upload(package, to: "lab").status == 201)
      let before = try await app.json(Self.file)
      clock.advance(1000)
      package.payload.append(ArchiveFile("share/x", text: "x"))
      #expect(try await app.upload(package, to: "lab", as: "member", force: true).status == 201)
      let after = try await app.json(Self.file)
      for key in ["id", "time_created", "download_count"] { #expect(after[key] == before[key], "\(key)") }
      #expect(after["uploader"]?["name"] == "Member")
      #expect(after["info"]?["sha256"] != before["info"]?["sha256"])
      #expect(try await app.json(Self.root).asArray?.count == 1)
    }
  }

  @Test func saysWhatIsNotFound() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      #expect(try await app.upload(PackageBuilder(name: "other"), to: "lab").status == 201)
      expect(
        try await app.send(.get, "\(Self.root)/noarch/none.conda"), 404,
        "package version noarch/none.conda not found")
      expect(
        try await app.send(.get, "\(Self.root)/linux-64/demo-1.0-0.conda"), 404,
        "package version linux-64/demo-1.0-0.conda not found")
      // A file of another package is not this package's version.
      expect(
        try await app.send(.get, "\(Self.root)/noarch/other-1.0-0.conda"), 404,
        "package version noarch/other-1.0-0.conda not found")
      expect(
        try await app.send(.delete, "\(Self.root)/noarch/other-1.0-0.conda", as: "owner"), 404,
        "Package version not found")
      expect(try await app.send(.delete, "\(Self.root)/noarch/none.conda"), 404, "Package version not found")
      expect(
        try await app.send(.get, "/api/channels/Lab/packages/none/versions"), 404,
        "Package Lab/none not found")
      expect(
        try await app.send(.get, "/api/channels/no/packages/demo/versions/noarch/x"), 404,
        "Package no/demo not found")
      #expect(try await app.send(.get, "/get/lab/noarch/other-1.0-0.conda").status == 200)
    }
  }

  @Test func deletesForThoseWhoMay() async throws {
    let cases: [(Role?, Role?, Int)] = [
      (nil, nil, 403), (.member, nil, 403), (nil, .member, 403), (nil, .maintainer, 200),
      (.maintainer, nil, 200),
    ]
    try await TestApp.with { app in
      for (number, (channelRole, packageRole, status)) in cases.enumerated() {
        let channel = "c\(number)"
        let path = "/api/channels/C\(number)/packages/demo/versions/noarch/demo-1.0-0.conda"
        try await app.createChannel(channel)
        #expect(try await app.upload(PackageBuilder(), to: channel).status == 201)
        if let channelRole { try await app.setRole(channelRole, of: "nobody", in: channel) }
        if let packageRole { try await app.setRole(packageRole, of: "nobody", for: "demo", in: channel) }
        expect(try await app.send(.delete, path), 401, "Not logged in")
        let answer = try await app.send(.delete, path, as: "nobody")
        expect(answer, status, status == 403 ? "No permission" : nil)
        #expect(try await app.send(.get, path).status == (status == 200 ? 404 : 200))
        if status == 200 {
          #expect(answer.text == "null")
          // No empty package stays behind.
          #expect(try await app.send(.get, "/api/channels/\(channel)/packages/demo").status == 404)
          #expect(try await app.upload(PackageBuilder(), to: channel).status == 201)
        }
      }
    }
  }

  @Test func hidesVersionsOfAPrivateChannel() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab", isPrivate: true)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      for path in [Self.root, Self.file, "/api/paginated/channels/lab/packages/demo/versions"] {
        expect(try await app.send(.get, path), 401, "Not logged in", "\(path)")
        expect(try await app.send(.get, path, as: "nobody"), 403, "No permission", "\(path)")
        #expect(try await app.send(.get, path, as: "maintainer").status == 200, "\(path)")
      }
    }
  }
}
