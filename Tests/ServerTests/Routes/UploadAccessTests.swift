import CondaTypes
import CurlHTTP
import HTTPTypes
import Metadata
import NIOCore
import TestSupport
import Testing

/// Who may upload, the order of checks, quotas and size limits.
@Suite struct UploadAccessTests {
  @Test func theRawRouteChecksTheChannelThenTheQueryThenTheUser() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let bytes = try PackageBuilder().bytes()
      // Channel, query, user, status, detail: each line has one fault less than the line before.
      let steps: [(String, String, String, String?, Int, String)] = [
        ("nope", "bad", "force=x", nil, 404, "Channel nope not found"),
        ("lab", "bad", "force=x", nil, 422, "Field required"),
        ("lab", "bad", "sha256=00", nil, 401, "Not logged in"),
        ("lab", "bad", "sha256=00", "nobody", 403, "No permission"),
        ("lab", "bad", "sha256=00", "owner", 400, "package file name has wrong format bad"),
        ("lab", "demo-1.0-0.conda", "sha256=00", "owner", 406, "Wrong SHA256 checksum"),
      ]
      for (channel, name, query, user, status, detail) in steps {
        let answer = try await app.expectRefusal(in: "lab", status, "\(detail)") {
          try await app.send(
            .post, "/api/channels/\(channel)/upload/\(name)?\(query)", as: user,
            body: .bytes(ByteBuffer(bytes: bytes)))
        }
        #expect(answer.text.contains(detail), "\(answer.text)")
        #expect((answer.headers[.wwwAuthenticate] != nil) == (status == 401))
      }
    }
  }

  @Test func theFormRoutesCheckTheChannelThenTheUserThenTheForm() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      try await app.createChannel("secret", isPrivate: true)
      let steps: [(String, String?, String?, Int, String)] = [
        ("nope", nil, nil, 404, "Channel nope not found"),
        ("nope", "x", nil, 404, "Channel nope not found"),
        ("secret", nil, nil, 401, "Not logged in"),
        ("secret", nil, "nobody", 403, "No permission"),
        ("secret", "x", nil, 401, "Not logged in"),
        ("lab", "x", nil, 404, "Package lab/x not found"),
        ("lab", nil, nil, 401, "Not logged in"),
        ("lab", "first", nil, 401, "Not logged in"),
        ("lab", nil, "nobody", 403, "No permission"),
        ("lab", "first", "nobody", 403, "No permission"),
        ("lab", nil, "owner", 422, "Field required"),
      ]
      for (channel, package, user, status, detail) in steps {
        let answer = try await app.expectRefusal(in: "lab", status, "\(channel)/\(package ?? "-")") {
          try await app.uploadForm(UploadFormBody().field("x", "y"), to: channel, package: package, as: user)
        }
        #expect(answer.text.contains(detail), "\(answer.text)")
      }
    }
  }

  /// Who may upload to a channel of somebody else, and who may replace there.
  static let rights: [(user: String, role: Role?, upload: Int, force: Int)] = [
    ("owner", nil, 201, 201), ("maintainer", nil, 201, 201), ("member", nil, 403, 403),
    ("nobody", nil, 403, 403),
    ("nobody", .member, 403, 403), ("nobody", .maintainer, 201, 403), ("nobody", .owner, 201, 201),
  ]

  @Test(arguments: rights)
  func rolesDecideWhoUploadsAndWhoReplaces(user: String, role: Role?, upload: Int, force: Int) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      if let role { try await app.addMember(user, to: "lab", role: role) }
      let raw = try await app.upload(PackageBuilder(name: "raw"), to: "lab", as: user)
      #expect(raw.status == upload)
      let form = try await app.uploadForm(
        try UploadFormBody().file(PackageBuilder(name: "form")), to: "lab", as: user)
      #expect(form.status == upload)
      // With force, although there is nothing to replace: the role is asked for all the same.
      let rawForce = try await app.upload(PackageBuilder(name: "raw2"), to: "lab", as: user, force: true)
      #expect(rawForce.status == force)
      let forced = try UploadFormBody().file(PackageBuilder(name: "form2")).field("force", "true")
      #expect(try await app.uploadForm(forced, to: "lab", as: user).status == force)
      let rows = try await app.footprint().artifactRows
      #expect(rows == 1 + [raw, form].filter { $0.status == 201 }.count + (force == 201 ? 2 : 0))
    }
  }

  @Test func aPackageRoleIsEnoughForItsPackageOnTheFormRoutesOnly() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let package = try #require(try await app.metadata.package(channelID: channel.id, named: "first"))
      try await app.metadata.addPackageMember(
        packageID: package.id, userID: #require(app.userIDs["nobody"]), role: .maintainer)

      let own = PackageBuilder(name: "first", version: "2.0")
      try await app.expectRefusal(
        in: "lab", 403, code: "no_permission", "the raw route knows channel roles only"
      ) {
        try await app.upload(own, to: "lab", as: "nobody")
      }
      let other = try UploadFormBody().file(PackageBuilder(name: "other"))
      try await app.expectRefusal(in: "lab", 403, code: "no_permission") {
        try await app.uploadForm(other, to: "lab", as: "nobody")
      }
      let both = try UploadFormBody().file(own).file(PackageBuilder(name: "other"))
      try await app.expectRefusal(in: "lab", 403, code: "no_permission") {
        try await app.uploadForm(both, to: "lab", as: "nobody")
      }
      let forced = try UploadFormBody().file(own).field("force", "true")
      try await app.expectRefusal(in: "lab", 403, code: "no_permission", "replacing is for owners") {
        try await app.uploadForm(forced, to: "lab", as: "nobody")
      }
      #expect(try await app.uploadForm(try UploadFormBody().file(own), to: "lab", as: "nobody").status == 201)
    }
  }

  @Test func aChannelAboveItsQuotaRefusesUploads() async throws {
    let small = PackageBuilder(name: "small")
    let size = try small.bytes().count
    try await TestApp.with { app in
      let body = #"{"name":"lab","private":false,"size_limit":\#(size + 100)}"#
      #expect(try await app.send(.post, "/api/channels", as: "owner", body: .text(body)).status == 201)
      #expect(try await app.upload(small, to: "lab").status == 201)
      let answer = try await app.expectRefusal(in: "lab", 422, code: "quota_exceeded") {
        try await app.upload(PackageBuilder(name: "more"), to: "lab")
      }
      #expect(answer.text == #"{"detail":"lab is above quota of \#(size + 100) bytes"}"#)
      let form = try UploadFormBody().file(PackageBuilder(name: "more"))
      try await app.expectRefusal(in: "lab", 422, code: "quota_exceeded") {
        try await app.uploadForm(form, to: "lab")
      }
      #expect(
        try await app.upload(small, to: "lab", force: true).status == 201, "a replacement does not grow it")
    }
  }

  @Test func whatIsLargerThanMaxSizeIsRefused() async throws {
    var large = PackageBuilder(name: "large")
    large.randomPayloadSize = 1_300_000
    let bytes = try large.bytes()
    let fileName = large.fileName
    try await TestApp.with(toml: "[uploads]\nmax_size = 100000") { app in
      try await app.createBusyChannel()
      let detail = #"{"detail":"the package is larger than the 100000 bytes this server accepts"}"#
      let declared = try await app.expectRefusal(in: "lab", 413, code: "payload_too_large", "by its length") {
        try await app.upload(bytes, named: fileName, to: "lab")
      }
      #expect(declared.text == detail)
      let chunked = try await app.expectRefusal(in: "lab", 413, code: "payload_too_large", "while it arrives")
      {
        try await app.send(
          .post, "/api/channels/lab/upload/\(fileName)?sha256=", as: "owner",
          body: .stream(size: nil, UploadRawRouteTests.chunks(of: bytes, size: 50_000)))
      }
      #expect(chunked.text == detail)
      let form = try await app.expectRefusal(in: "lab", 413, code: "payload_too_large", "in a form") {
        try await app.uploadForm(UploadFormBody().file(fileName, bytes), to: "lab")
      }
      #expect(form.text == detail)
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
    }
  }
}
