import Backends
import CondaTypes
import Foundation
import HTTPTypes
import Metadata
import Server
import TestSupport
import Testing

@Suite struct JobsRoutesTests {
  private static let fields: Set<String> = [
    "id", "owner_id", "created", "status", "items_spec", "manifest", "start_at", "repeat_every_seconds",
  ]

  private static func act(
    _ app: TestApp, _ action: String, on channel: String = "lab", as user: String? = "owner",
    _ more: [String: JSONValue] = [:]
  ) async throws -> Answer {
    let body = JSONValue.object(more.merging(["action": .string(action)]) { $1 })
    return try await app.send(.put, "/api/channels/\(channel)/actions", as: user, json: body)
  }

  private static func id(_ answer: Answer) throws -> Int64 { try #require(answer.json?["id"]?.asInteger) }

  private static func status(_ app: TestApp, _ id: Int64) async throws -> String? {
    try await app.json("/api/jobs/\(id)", as: "owner")["status"]?.asString
  }

  @Test(arguments: ["reindex", "generate_indexes", "validate_packages", "cleanup", "cleanup_dry_run"])
  func doTheirWorkAndTellHowItWent(action: String) async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      let answer = try await Self.act(app, action)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.json?.keys == Self.fields)
      let manifest =
        ["cleanup": "pkgstore_cleanup", "cleanup_dry_run": "pkgstore_cleanup_dry_run"][action] ?? action
      #expect(answer.json?["manifest"]?.asString == manifest)
      let id = try Self.id(answer)
      await app.server.jobRunner.drain()
      #expect(try await Self.status(app, id) == "success")
      let tasks = try await app.json("/api/jobs/\(id)/tasks?status=success", as: "owner")
      #expect(tasks["pagination"]?["all_records_count"] == 1)
      let task = try #require(tasks["result"]?.asArray?.first)
      #expect(task.keys == ["id", "job_id", "package_version", "created", "status"])
      #expect(task["package_version"] == [:] && task["job_id"]?.asInteger == id)
      #expect(try await app.json("/api/jobs/\(id)/tasks", as: "owner")["result"] == [])
      #expect(try await app.repodataFileNames("lab", "noarch") == [PackageBuilder().fileName])
    }
  }

  @Test func makeLostIndexFilesAgain() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(try await app.upload(PackageBuilder(), to: "lab").status == 201)
      try await app.settle("lab")
      let before = try await app.send(.get, "/get/lab/noarch/repodata.json").body
      for try await blob in app.server.services.documents.list(prefix: "") {
        try await app.server.services.documents.delete(blob.key)
      }
      let id = try Self.id(try await Self.act(app, "generate_indexes"))
      await app.server.jobRunner.drain()
      #expect(try await Self.status(app, id) == "success")
      let after = try await app.send(.get, "/get/lab/noarch/repodata.json")
      #expect(after.status == 200 && after.body == before)
      #expect(try await ShardReader(app: app, channel: "lab", subdir: "noarch").records().count == 1)
    }
  }

  @Test func dropArtifactsWhoseBytesAreGone() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let (good, bad) = (PackageBuilder(name: "good"), PackageBuilder(name: "bad"))
      for package in [good, bad] { #expect(try await app.upload(package, to: "lab").status == 201) }
      let channel = try #require(try await app.metadata.channel(named: "lab"))
      let row = try #require(
        try await app.metadata.artifact(channelID: channel.id, subdir: "noarch", fileName: bad.fileName))
      for try await blob in app.server.services.packages.list(prefix: "")
      where blob.key.value.hasSuffix(row.sha256.hex) {
        try await app.server.services.packages.delete(blob.key)
      }
      expect(
        try await Self.act(app, "validate_packages", as: "member"), 403,
        ["this operation requires owner or maintainer roles"])
      _ = try await Self.act(app, "validate_packages", as: "maintainer")
      await app.server.jobRunner.drain()
      #expect(try await app.repodataFileNames("lab", "noarch") == [good.fileName])
      #expect(try await app.send(.get, "/get/lab/noarch/\(bad.fileName)").status == 404)
      #expect(try await app.send(.get, "/get/lab/noarch/\(good.fileName)").status == 200)
    }
  }

  @Test func cleanUpEmptyPackagesUnlessItIsADryRun() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      #expect(
        try await app.send(.post, "/api/channels/lab/packages", as: "owner", json: ["name": "empty"]).status
          == 201)
      for (action, count) in [("cleanup_dry_run", 1), ("cleanup", 0)] as [(String, Int64)] {
        _ = try await Self.act(app, action)
        await app.server.jobRunner.drain()
        #expect(try await app.json("/api/channels/lab")["packages_count"]?.asInteger == count)
      }
      #expect(try await app.json("/get/lab/channeldata.json")["packages"] == [:])
    }
  }

  @Test func checkInUpstreamsOrder() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      expect(try await Self.act(app, "reindex", on: "none", as: nil), 404, "Channel none not found")
      for action in ["synchronize", "synchronize_repodata"] {
        expect(
          try await Self.act(app, action, as: nil), 405,
          .string("Action \(action) not allowed for channel lab"))
      }
      #expect(try await Self.act(app, "zzz", as: nil).status == 422)
      expect(try await Self.act(app, "reindex", as: nil), 401, "Not logged in")
      for (action, role, status) in [
        ("reindex", .member, 403), ("reindex", .maintainer, 200), ("generate_indexes", .maintainer, 200),
        ("synchronize_metrics", .maintainer, 200), ("cleanup", .maintainer, 403),
        ("cleanup_dry_run", .maintainer, 403), ("cleanup", .owner, 200), ("validate_packages", .owner, 403),
      ] as [(String, Role, Int)] {
        try await app.setRole(role, of: "nobody", in: "lab")
        #expect(try await Self.act(app, action, as: "nobody").status == status, "\(action) \(role)")
      }
      let missing = try await app.send(.put, "/api/channels/lab/actions", json: [:])
      #expect(missing.status == 422 && missing.messages == ["Field required"])
      for more in [["start_at": "soon"], ["repeat_every_seconds": 0], ["repeat_every_seconds": "x"]]
        as [[String: JSONValue]]
      {
        #expect(try await Self.act(app, "reindex", more).status == 422)
      }
    }
  }

  /// Until the mirror worker exists, these say so instead of pretending.
  @Test func failWhereNothingCanDoTheWork() async throws {
    try await TestApp.with { app in
      let mirror: JSONValue = [
        "name": "copy", "private": false, "mirror_channel_url": "https://up.example.org/get/x",
        "mirror_mode": "mirror",
      ]
      #expect(try await app.send(.post, "/api/channels", as: "owner", json: mirror).status == 201)
      await app.server.jobRunner.drain()
      let jobs = try await app.json("/api/jobs?status=failed", as: "owner")["result"]?.asArray ?? []
      #expect(jobs.map { $0["manifest"] } == ["synchronize_repodata"])
      expect(
        try await Self.act(app, "synchronize_metrics", on: "copy"), 405,
        "Action synchronize_metrics not allowed for channel copy")
      #expect(try await Self.act(app, "synchronize", on: "copy").status == 200)
    }
  }

  @Test func waitForTheirTimeAndRepeat() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      let answer = try await Self.act(
        app, "generate_indexes", ["start_at": "2027-01-15T09:00:00+01:00", "repeat_every_seconds": 60])
      #expect(answer.json?["start_at"] == "2027-01-15T08:00:00")
      #expect(answer.json?["repeat_every_seconds"] == 60)
      let id = try Self.id(answer)
      // 2027-01-15 08:00:00 is the clock's first moment.
      await app.server.jobRunner.drain()
      func runs() async throws -> Int64? {
        try await app.json("/api/jobs/\(id)/tasks?status=success", as: "owner")["pagination"]?[
          "all_records_count"]?.asInteger
      }
      #expect(try await Self.status(app, id) == "pending")
      #expect(try await runs() == 1)
      await app.server.jobRunner.drain()
      #expect(try await runs() == 1)
      clock.advance(60)
      await app.server.jobRunner.drain()
      #expect(try await runs() == 2)
      let cancel = try await app.send(.patch, "/api/jobs/\(id)", as: "owner", json: ["status": "cancelled"])
      #expect(cancel.status == 200 && cancel.text == "null")
      clock.advance(600)
      await app.server.jobRunner.drain()
      #expect(try await runs() == 2)
      #expect(try await Self.status(app, id) == "cancelled")
      // Back to work.
      #expect(
        try await app.send(.patch, "/api/jobs/\(id)", as: "owner", json: ["status": "pending"]).status == 200)
      await app.server.jobRunner.drain()
      #expect(try await runs() == 3)
    }
  }

  @Test func areListedToTheirOwnersAndToElevatedUsers() async throws {
    let clock = TestClock(1_800_000_000)
    try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      try await app.setRole(.maintainer, of: "nobody", in: "lab")
      let later: [String: JSONValue] = ["start_at": "2030-01-01"]
      let own = try Self.id(try await Self.act(app, "reindex", as: "nobody", later))
      let others = try Self.id(try await Self.act(app, "reindex", as: "owner", later))
      #expect(own != others)
      // Asking twice is asking once.
      #expect(try Self.id(try await Self.act(app, "reindex", as: "nobody", later)) == own)
      expect(try await app.send(.get, "/api/jobs"), 401, "Not logged in")
      for (user, ids) in [("nobody", [own]), ("maintainer", [own, others]), ("member", [])] {
        let page = try await app.json("/api/jobs", as: user)
        #expect((page["result"]?.asArray ?? []).compactMap { $0["id"]?.asInteger } == ids)
        #expect(page["pagination"]?["all_records_count"]?.asInteger == Int64(ids.count))
      }
      #expect(
        try await app.json("/api/jobs?limit=-1&status=pending&status=failed", as: "owner")["result"]?.asArray?
          .count == 2)
      #expect(try await app.json("/api/jobs?status=success", as: "owner")["result"] == [])
      #expect(try await app.send(.get, "/api/jobs?status=zz", as: "owner").status == 422)
      for path in ["/api/jobs/\(others)", "/api/jobs/\(others)/tasks"] {
        expect(try await app.send(.get, path, as: "nobody"), 401, "Not allowed")
        expect(try await app.send(.get, path), 401, "Not logged in")
      }
      expect(
        try await app.send(.patch, "/api/jobs/\(others)", as: "nobody", json: ["status": "cancelled"]), 401,
        "Not allowed")
      #expect(try await app.send(.patch, "/api/jobs/\(own)", as: "nobody", json: [:]).text == "null")
      #expect(
        try await app.send(.patch, "/api/jobs/\(own)", as: "nobody", json: ["status": "zz"]).status == 422)
      expect(try await app.send(.get, "/api/jobs/999"), 404, "Job with id 999 not found")
      #expect(try await app.send(.get, "/api/jobs/x").status == 422)
    }
  }

  @Test func forAllChannelsAreMadeByElevatedUsers() async throws {
    try await TestApp.with { app in
      for name in ["one", "two"] { try await app.createChannel(name) }
      #expect(try await app.upload(PackageBuilder(name: "a"), to: "one").status == 201)
      let body: JSONValue = ["manifest": "reindex", "items_spec": "*"]
      expect(try await app.send(.post, "/api/jobs", json: body), 401, "Not logged in")
      expect(try await app.send(.post, "/api/jobs", as: "member", json: body), 401, "Not allowed")
      let answer = try await app.send(.post, "/api/jobs", as: "maintainer", json: body)
      #expect(answer.status == 201 && answer.json?.keys == Self.fields)
      #expect(answer.json?["items_spec"] == "*")
      await app.server.jobRunner.drain()
      #expect(try await Self.status(app, try Self.id(answer)) == "success")
      for (manifest, message) in [
        ("zz", "Value error, invalid function zz: no such built-in function, please provide plugin name"),
        (
          "quetz-harvester:harvest",
          "Value error, invalid function quetz-harvester:harvest: plugin quetz-harvester not installed"
        ),
      ] {
        let refused = try await app.send(
          .post, "/api/jobs", json: ["manifest": .string(manifest), "items_spec": "*"])
        #expect(refused.status == 422 && refused.messages == [message])
      }
      #expect(try await app.send(.post, "/api/jobs", json: ["manifest": "reindex"]).status == 422)
    }
  }
}
