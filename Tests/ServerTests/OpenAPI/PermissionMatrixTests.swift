import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import Server
import TestSupport
import Testing

/// Every declared route, called by everybody: the answer is the permission table's in every cell.
@Suite struct PermissionMatrixTests {
  /// What the table says about a request that asks it several times: the first refusal.
  private static func expected(_ item: MatrixCase, _ caller: MatrixCaller, isPrivate: Bool) -> Int {
    var situation = caller.situation
    for action in item.actions {
      let rule = Permission.rule(for: action)
      situation.isPrivate = isPrivate
      situation.isOwn = caller.situation.isOwn && rule.own
      let decision = Permission.decide(action, situation)
      if decision != .allow { return decision.status }
    }
    return 200
  }

  private static func path(_ route: RouteDeclaration, _ item: MatrixCase, _ world: MatrixWorld) -> String {
    var path = route.template
    for (name, value) in [
      ("channel", world.channel), ("package", "demo"), ("platform", "noarch"),
      (
        "filename",
        route.id == "upload" ? "new-\(UUID().uuidString.lowercased())-0.conda" : "demo-1.0-0.conda"
      ),
      ("username", route.id == "dummyLogin" ? "member" : world.victim), ("key", world.victimKeyID),
      ("job", "\(world.victimJob)"), ("mirror", UUID().uuidString), ("path", "noarch/repodata.json"),
      ("subdir", "noarch"), ("notice", "none"),
    ] { path = path.replacing("{\(name)}", with: value) }
    let query = item.query.replacing("{channel}", with: world.channel)
    return query.isEmpty ? path : "\(path)?\(query)"
  }

  private static func call(
    _ route: RouteDeclaration, _ item: MatrixCase, _ caller: MatrixCaller, _ world: MatrixWorld
  ) async throws -> Answer {
    var body = HTTPRequestBody.none
    var headers = caller.headers
    if let form = item.form {
      headers[.contentType] = "multipart/form-data; boundary=\(UploadFormBody.boundary)"
      let parts = UploadFormBody().field("force", "\(form.force)").file(form.file, Array("no package".utf8))
      body = .bytes(ByteBuffer(bytes: parts.finished))
    } else if let json = item.json {
      let text = json.canonicalText().replacing("{channel}", with: world.channel)
        .replacing("{unique}", with: "n" + UUID().uuidString.lowercased())
      body = .text(text)
    } else if route.body != nil {
      body = .text("not a package")
    }
    return try await world.app.send(
      route.method, path(route, item, world), headers: headers, body: body)
  }

  @Test func answersAsTheTableSaysInEveryCell() async throws {
    let routes = Dictionary(
      uniqueKeysWithValues: RouteDeclarations.all(isDevelopment: true).map { ($0.id, $0) })
    let clock = TestClock(1_795_332_792)
    try await TestApp.with(development: true, now: { clock.date }) { app in
      let people = try await MatrixPeople.make(app)
      try await app.createChannel("source")
      #expect(try await app.upload(PackageBuilder(), to: "source").status == 201)
      var (cells, number) = (0, 0)
      var called: Set<String> = []
      for isPrivate in [false, true] {
        number += 1
        var world = try await MatrixWorld.make(people, isPrivate: isPrivate, number: number).withNewSessions()
        for item in MatrixCase.all {
          let route = try #require(routes[item.id])
          called.insert(item.id)
          clock.advance(FailureLimiter.window + 1)  // bad keys are counted; here they are only refused
          for index in world.callers.indices {
            // Whose session was ended by the cell before gets another one.
            if MatrixCase.endingSessions.contains(item.id) { world = try await world.withNewSessions() }
            let caller = world.callers[index]
            let answer = try await Self.call(route, item, caller, world)
            let expected = Self.expected(item, caller, isPrivate: isPrivate)
            cells += 1
            let cell =
              "\(item.id) \(item.query) \(item.json?.canonicalText() ?? "") by \(caller.name), \(isPrivate ? "private" : "public")"
            if expected == 200 {
              #expect(
                answer.status != 401 && answer.status != 403, "\(cell): \(answer.status) \(answer.text)")
              let documented = [route.success.status] + route.errorStatuses
              #expect(documented.contains(answer.status), "\(cell): \(answer.status) is not documented")
              if item.isDestructive, !MatrixCase.endingSessions.contains(item.id) {
                number += 1
                world = try await MatrixWorld.make(people, isPrivate: isPrivate, number: number)
                  .withNewSessions()
              }
            } else {
              #expect(answer.status == expected, "\(cell): \(answer.text)")
            }
          }
          if MatrixCase.endingSessions.contains(item.id) { world = try await world.withNewSessions() }
        }
      }
      #expect(Set(routes.keys).subtracting(called).sorted() == [])
      print("PermissionMatrixTests: \(cells) cells (\(called.count) routes)")
      #expect(cells > 3000)
    }
  }
}
