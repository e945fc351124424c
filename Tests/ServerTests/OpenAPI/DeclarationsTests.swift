import CondaTypes
import Foundation
import HTTPTypes
import Hummingbird
import TestSupport
import Testing

@testable import Server

/// The declarations against the router, the documents and each other.
@Suite struct DeclarationsTests {
  private static let all = RouteDeclarations.all(isDevelopment: true)

  private static func document(_ name: String) throws -> String {
    let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    return try String(contentsOf: root.appending(path: name), encoding: .utf8)
  }

  /// Routes whose last word may also be a name: the router knows the name's pattern only, and the handler tells them apart.
  private static let sharedPatterns = [
    "POST api/channels/{channel}/packages/copy": "POST api/channels/{channel}/packages/{package}",
    "GET api/channels/search": "GET api/channels/{channel}",
  ]

  @Test(arguments: [true, false]) func declaresEveryRouteAndNoOther(isDevelopment: Bool) async throws {
    try await TestApp.with(development: isDevelopment) { app in
      let routed = makeRouter(app.server.services).routes.map { route in
        "\(route.method.rawValue) \(route.path.description.split(separator: "/").joined(separator: "/"))"
          .replacing("**", with: "{path}")
      }
      let declared = RouteDeclarations.all(isDevelopment: isDevelopment).map {
        "\($0.method.rawValue) \($0.template.dropFirst())"
      }
      #expect(Set(declared).count == declared.count)
      let patterns = declared.map { Self.sharedPatterns[$0] ?? $0 }
      #expect(Set(routed).subtracting(patterns).sorted() == [], "not declared")
      #expect(Set(patterns).subtracting(routed).sorted() == [], "not there")
    }
  }

  @Test func namesEveryOperationOnce() {
    #expect(Set(Self.all.map(\.id)).count == Self.all.count)
  }

  @Test func refersOnlyToSchemasThatAreThere() throws {
    let document = OpenAPIDocument.make(Self.all)
    let schemas = try #require(document["components"]?["schemas"]?.asObject)
    var used: Set<String> = []
    func walk(_ value: JSONValue) {
      if let name = value["$ref"]?.asString {
        used.insert(String(name.dropFirst("#/components/schemas/".count)))
      }
      for item in value.asArray ?? [] { walk(item) }
      for item in (value.asObject ?? [:]).values { walk(item) }
    }
    walk(document)
    #expect(used.subtracting(schemas.keys).sorted() == [])
    #expect(Set(schemas.keys).subtracting(used).sorted() == [])
  }

  @Test func isListedInTheDocuments() throws {
    let text = try Self.document("docs/API.md")
    let from = try #require(text.range(of: "<!-- routes -->\n")).upperBound
    let until = try #require(text.range(of: "\n<!-- /routes -->")).lowerBound
    #expect(String(text[from..<until]) == RouteTable.markdown(Self.all))
  }

  @Test func isServedAsADocumentAndAPage() async throws {
    try await TestApp.with { app in
      let document = try await app.send(.get, "/openapi.json")
      #expect(document.status == 200)
      #expect(document.headers[.contentType] == "application/json")
      #expect(document.json?["openapi"] == "3.1.0")
      #expect(document.json?["paths"]?["/api/channels/{channel}"]?["patch"] != nil)
      #expect(document.json?["paths"]?["/api/dummylogin/{username}"] == nil)
      #expect(try await app.send(.get, "/openapi.json").body == document.body)
      let page = try await app.send(.get, "/docs")
      #expect(page.status == 200)
      #expect(page.headers[.contentSecurityPolicy]?.contains("script-src 'self'") == true)
      #expect(page.headers[.contentSecurityPolicy]?.contains("unsafe") == false)
      for route in RouteDeclarations.all(isDevelopment: false) where route.method != .head {
        #expect(page.text.contains("id=\"\(route.id)\""), "\(route.id)")
      }
      // Nothing from elsewhere, and no script or style inside the page.
      #expect(!page.text.contains("://") && !page.text.contains("<style") && !page.text.contains(" style="))
      #expect(page.text.ranges(of: "<script").count == 1)
      for path in ["/docs/page.js", "/docs/page.css"] {
        #expect(page.text.contains("\"\(path)\""))
        #expect(try await app.send(.get, path).status == 200)
      }
      for path in ["/openapi.json", "/docs", "/docs/page.js", "/docs/page.css"] {
        let head = try await app.send(.head, path)
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
      }
      #expect(try await app.send(.get, "/redoc").headers[.location] == "/docs")
    }
  }
}
