import Foundation
import HTTPTypes
import Testing

@testable import Server

@Suite struct PresentedCredentialTests {
  private func key(_ headers: HTTPFields, path: String? = nil) -> String? {
    PresentedCredential.apiKey(headers: headers, pathToken: path)
  }

  private static func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }

  @Test func findsNoneInAPlainRequest() {
    #expect(key([:]) == nil)
  }

  @Test(arguments: [
    "Bearer qz-key", "bearer qz-key", "BEARER   qz-key", "token qz-key", "Token qz-key", "Bearer qz-key  ",
    basic("user:qz-key"), basic(":qz-key"), basic("qz-key:"), basic("qz-key"), basic("Jürgen:qz-key"),
    "basic " + Data("x:qz-key".utf8).base64EncodedString(),
  ])
  func readsEveryFormOfAuthorization(value: String) {
    #expect(key([.authorization: value]) == "qz-key")
  }

  @Test func keepsColonsOfAPassword() {
    #expect(key([.authorization: Self.basic("user:a:b")]) == "a:b")
  }

  @Test(arguments: [
    "", "Bearer", "Bearer ", "token ", "Basic", "Basic ", "Basic !!!", "Basic Og==", "Digest qz-key",
    "qz-key",
    "Negotiate abc", "Basic \(Data([0xff, 0xfe, 0x3a, 0x61]).base64EncodedString())",
  ])
  func findsNoneInOtherAuthorization(value: String) {
    #expect(key([.authorization: value]) == nil)
  }

  @Test func takesTheHeaderBeforeThePathBeforeAuthorization() {
    let all: HTTPFields = [.apiKey: "header", .authorization: "Bearer bearer"]
    #expect(key(all, path: "path") == "header")
    #expect(key([.authorization: "Bearer bearer"], path: "path") == "path")
    #expect(key([.authorization: "Bearer bearer"]) == "bearer")
  }

  @Test func takesAnEmptyValueForAbsent() {
    #expect(key([.apiKey: "", .authorization: "Bearer bearer"], path: "path") == "path")
    #expect(key([.apiKey: "", .authorization: "Bearer bearer"], path: "") == "bearer")
  }

  @Test(arguments: [
    ("/t/key/get/c/x", "key", "/get/c/x"), ("/t/key/", "key", "/"),
    ("/t/k-1/api/channels?q=/", "k-1", "/api/channels?q=/"),
    ("/t/a%2Db/get/c", "a-b", "/get/c"), ("/t/a/t/b/get", "a", "/t/b/get"), ("/t/key//get", "key", "//get"),
    ("/t/%zz/get/c", "", "/get/c"),
  ])
  func splitsThePathToken(target: String, token: String, rest: String) {
    let parts = PathToken.split(target)
    #expect(parts?.token == token)
    #expect(parts?.rest == rest)
  }

  @Test(arguments: [
    "/", "/t", "/t/", "/t//x", "/t/key", "/t/key?x=/y", "/x/t/key/", "/T/key/get", "t/key/get", "",
  ])
  func findsNoTokenInOtherPaths(target: String) {
    #expect(PathToken.split(target) == nil)
  }
}
