import CondaTypes
import HTTPTypes
import Hummingbird
import NIOCore

/// `/openapi.json` and `/docs`: the API describes itself. Nothing comes from elsewhere, and the page's script is a file of
/// ours, so that the strictest content security policy holds.
struct DocumentationController: Sendable {
  private let answers: [(path: String, type: String, body: ByteBuffer)]

  init(isDevelopment: Bool) {
    let routes = RouteDeclarations.all(isDevelopment: isDevelopment)
    answers = [
      ("openapi.json", "application/json", ByteBuffer(string: OpenAPIDocument.make(routes).canonicalText())),
      ("docs", "text/html; charset=utf-8", ByteBuffer(string: DocumentationPage.html(routes))),
      ("docs/page.js", "text/javascript; charset=utf-8", ByteBuffer(string: DocumentationPage.script)),
      ("docs/page.css", "text/css; charset=utf-8", ByteBuffer(string: DocumentationPage.style)),
    ]
  }

  func addRoutes(to router: Router<AppContext>) {
    for answer in answers {
      let handler: @Sendable (Request, AppContext) async throws -> Response = { _, _ in
        Response(
          status: .ok,
          headers: [
            .contentType: answer.type, .cacheControl: "max-age=0, must-revalidate",
            .xContentTypeOptions: "nosniff",
          ], body: ResponseBody(byteBuffer: answer.body))
      }
      router.get(RouterPath(answer.path), use: handler)
      router.head(RouterPath(answer.path), use: handler)
    }
    router.get("redoc") { _, _ in Response.temporaryRedirect(to: "/docs") }
    router.head("redoc") { _, _ in Response.temporaryRedirect(to: "/docs") }
  }
}
