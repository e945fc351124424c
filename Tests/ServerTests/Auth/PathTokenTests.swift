import Testing

@testable import Server

@Suite struct PathTokenTests {
  static let key = "qz-0123456789abcdefghijABCDEFGHIJ0123456789"

  @Test(arguments: [
    ("/t/k/get/c", "k", "/get/c"), ("/t/\(key)/api/me?x=/t/y/", key, "/api/me?x=/t/y/"),
    ("/get/t/\(key)/c/noarch/repodata.json", key, "/get/c/noarch/repodata.json"),
    ("/channels/t/\(key)/c", key, "/channels/c"),
    ("/mount/t/\(key)/get/c", key, "/mount/get/c"), ("/get/t/t/\(key)/x", key, "/get/t/x"),
  ])
  func isTakenOut(target: String, token: String, rest: String) throws {
    let found = try #require(PathToken.split(target))
    #expect(found.token == token)
    #expect(found.rest == rest)
  }

  @Test(arguments: [
    "/", "/t/", "/t/k", "/t//get/c", "/t/\(key)", "/get/t/noarch/repodata.json",
    "/get/t/linux-aarch64/x.conda",
    "/api/channels/t/packages/t/versions", "/get/c/x?y=/t/\(key)/z", "/get/t/\(key)",
    "/get/t/a-package-name-that-is-long-1.0-0.conda/x",
  ])
  func leavesOtherPathsAlone(target: String) {
    #expect(PathToken.split(target) == nil)
  }

  /// The path of every request comes here: a long one must not cost more than its length.
  @Test(
    .timeLimit(.minutes(1)), arguments: ["/t/t", "/t/", "/t/aaaaaaaaaaaaaaaaaaaaaaaa?", "/get/t/x", "/a"])
  func looksThroughALongPathOnce(part: String) {
    let target = "/get" + String(repeating: part, count: 1 << 20)
    #expect(PathToken.split(target) == nil)
  }
}
