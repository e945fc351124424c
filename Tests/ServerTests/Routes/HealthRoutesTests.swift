import CondaTypes
import HTTPTypes
import TestSupport
import Testing

@Suite struct HealthRoutesTests {
  @Test(arguments: ["/health/live", "/health/ready"])
  func answersWithoutLogin(path: String) async throws {
    try await TestApp.with { app in
      let answer = try await app.send(.get, path)
      #expect(answer.status == 200)
      #expect(answer.text == #"{"component":"http-server","status":"ok"}"#)
    }
  }

  @Test func publishesAPackageThatIsThenListed() async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let answer = try await app.upload(
        .init(name: "demo", version: "1.0", build: "0", format: .conda), to: "lab")
      #expect(answer.status == 201)
      #expect(answer.text == "null")
      #expect(
        try await app.repodataFileNames("lab", "noarch").count
          + app.repodataFileNames("lab", "linux-64").count >= 1)
    }
  }
}
