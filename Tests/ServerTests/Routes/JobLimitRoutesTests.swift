import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import NIOCore
import Server
import TestSupport
import Testing

/// Nobody fills the queue.
@Suite struct JobLimitRoutesTests {
  /// Asks for a job at a time of its own, so that none is the same as another.
  private static func act(
    _ app: TestApp, _ action: String = "reindex", on channel: String, as user: String, at second: Int
  ) async throws -> Answer {
    try await app.send(
      .put, "/api/channels/\(channel)/actions", as: user,
      json: ["action": .string(action), "start_at": .integer(4_000_000_000 + Int64(second))])
  }

  private static func expectRefusal(_ answer: Answer, _ subject: String) throws {
    expect(
      answer, 429,
      .string(
        "\(subject) 100 jobs that wait or run, which is the limit; try again later, or cancel some of them"))
    #expect(answer.headers[.retryAfter] == "60")
    #expect(answer.headers[try #require(HTTPField.Name("X-Error-Code"))] == "too_many_jobs")
  }

  @Test func aUserHasAHundredThatWait() async throws {
    try await TestApp.with { app in
      for name in ["one", "two"] { try await app.createChannel(name, as: "member") }
      for second in 0..<100 {
        let channel = second.isMultiple(of: 2) ? "one" : "two"
        #expect(try await Self.act(app, on: channel, as: "member", at: second).status == 200)
      }
      try Self.expectRefusal(try await Self.act(app, on: "one", as: "member", at: 100), "you have")
      // The same once more is no further one.
      let first = try await Self.act(app, on: "one", as: "member", at: 0)
      #expect(first.status == 200)
      // A key with roles counts for who made it.
      let key = try await app.createKey(as: "member", roles: [["channel": "one", "role": "owner"]])
      try Self.expectRefusal(try await Self.act(app, on: "one", as: key, at: 100), "you have")
      // Nor is a channel made whose jobs would have no room.
      let new: JSONValue = ["name": "three", "actions": ["generate_indexes"]]
      try Self.expectRefusal(try await app.send(.post, "/api/channels", as: "member", json: new), "you have")
      #expect(try await app.metadata.channel(named: "three") == nil)
      #expect(try await app.createChannel("three", as: "member").status == 201)
      // Others go on; calling one off makes room for one, but not for two.
      #expect(try await Self.act(app, on: "one", as: "owner", at: 0).status == 200)
      let id = try #require(first.json?["id"]?.asInteger)
      #expect(
        try await app.send(.patch, "/api/jobs/\(id)", as: "member", json: ["status": "cancelled"]).status
          == 200)
      try Self.expectRefusal(try await Self.act(app, "cleanup", on: "one", as: "member", at: 101), "you have")
      #expect(try await Self.act(app, on: "one", as: "member", at: 102).status == 200)
      try Self.expectRefusal(
        try await app.send(.patch, "/api/jobs/\(id)", as: "member", json: ["status": "pending"]), "you have")
    }
  }

  @Test func aChannelHasAHundredThatWait() async throws {
    try await TestApp.with { app in
      for name in ["lab", "other"] { try await app.createChannel(name, as: "member") }
      try await app.setRole(.maintainer, of: "nobody", in: "lab")
      for second in 0..<100 {
        let user = second.isMultiple(of: 2) ? "member" : "nobody"
        #expect(try await Self.act(app, on: "lab", as: user, at: second).status == 200)
      }
      for user in ["member", "nobody", "owner"] {
        try Self.expectRefusal(try await Self.act(app, on: "lab", as: user, at: 100), "the channel has")
      }
      #expect(try await Self.act(app, on: "other", as: "member", at: 100).status == 200)
    }
  }

  @Test func whoLooksAfterTheServerHasAThousand() async throws {
    try await TestApp.with { app in
      func create(_ number: Int) async throws -> Answer {
        try await app.send(
          .post, "/api/jobs", as: "maintainer",
          json: [
            "manifest": "reindex", "items_spec": .string("p\(number)"), "start_at": "2100-01-01",
          ])
      }
      let owner = try #require(app.userIDs["maintainer"])
      _ = try await app.metadata.enqueueJobs(
        (0..<999).map {
          NewJob(name: "reindex", deduplicationKey: "\($0)", runAt: .distantFuture, ownerID: owner)
        },
        limits: nil, now: Date())
      #expect(try await create(0).status == 201)
      let refused = try await create(1)
      #expect(refused.status == 429 && refused.detail?.asString?.hasPrefix("you have 1000 jobs") == true)
    }
  }
}
