import CurlHTTP
import HTTPTypes
import TestSupport
import Testing

@testable import Server

@Suite struct AllowedMethodsTests {
  private static let all = AllowedMethods(RouteDeclarations.all(isDevelopment: false))

  @Test(arguments: [
    ("/api/sessions", "DELETE"), ("/api/channels", "GET, POST"), ("/api/channels/", "GET, POST"),
    ("/api/channels/lab", "DELETE, GET, PATCH"), ("/api/channels/search", "GET"),
    ("/api/channels/lab/packages/copy", "POST"), ("/api/channels/lab/packages/numpy", "DELETE, GET"),
    ("/get/lab", "GET, HEAD"), ("/get/lab/noarch/repodata.json", "GET, HEAD"), ("/api/none", ""), ("/", ""),
    ("/api/channels/lab/upload/a-1-0.conda", "POST"), ("/api/dummylogin/alice", ""),
  ])
  func arePathsOwn(path: String, expected: String) {
    #expect(Self.all.methods(of: path).map(\.rawValue).joined(separator: ", ") == expected)
  }

  @Test func areNamedInEvery405() async throws {
    try await TestApp.with { app in
      for (method, path, status, allow) in [
        (.get, "/api/sessions", 405, "DELETE"), (.options, "/api/channels", 405, "GET, POST"),
        (.head, "/api/channels", 405, "GET, POST"), (.put, "/api/users/owner", 405, "DELETE, GET"),
        (.post, "/api/channels/lab/packages/numpy", 405, "DELETE, GET"),
        (.post, "/get/lab/noarch/repodata.json", 405, "GET, HEAD"), (.delete, "/none", 405, "GET"),
        (.get, "/api/none", 404, nil), (.get, "/none", 404, nil),
      ] as [(HTTPRequest.Method, String, Int, String?)] {
        let answer = try await app.send(method, path)
        #expect(answer.status == status, "\(method) \(path)")
        #expect(answer.headers[.allow] == allow, "\(method) \(path)")
      }
    }
  }
}
