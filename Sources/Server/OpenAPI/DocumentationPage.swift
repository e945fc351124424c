import HTTPTypes

/// The page at `/docs`: every route with who may call it, and a form to try it with one's own key.
enum DocumentationPage {
  /// The whole page, complete without its script: reading needs none, trying does.
  static func html(_ routes: [RouteDeclaration]) -> String {
    var tags: [String] = []
    for route in routes where !tags.contains(route.tag) { tags.append(route.tag) }
    let sections = tags.map { tag in
      "<section id=\"\(tag)\"><h2>\(tag)</h2>\n"
        + routes.filter { $0.tag == tag && $0.method != .head }.map(entry).joined() + "</section>\n"
    }
    let links = tags.map { "<a href=\"#\($0)\">\($0)</a>" }.joined(separator: " ")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Quetz API</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="stylesheet" href="/docs/page.css"><script src="/docs/page.js" defer></script></head><body>
      <header><h1>Quetz API</h1><p>All of it as <a href="/openapi.json">OpenAPI 3.1</a>. The key stays in this page.</p>
      <label>API key <input id="key" type="password" autocomplete="off" size="48"></label><nav>\(links)</nav></header>
      <main>
      \(sections.joined())</main></body></html>

      """
  }

  private static func entry(_ route: RouteDeclaration) -> String {
    let who =
      switch route.access {
      case .action(let action): PermissionTable.sentence(for: action)
      case .varies(_, let sentence): sentence
      }
    let statuses = [route.success.status] + route.errorStatuses
    let fields =
      route.pathParameters.map { field("path", $0, isRequired: true, "") }
      + route.query.map { field("query", $0.name, isRequired: $0.isRequired, $0.summary) }
    return """
      <details id="\(route.id)"><summary><b class="method">\(route.method.rawValue)</b> \
      <code>\(escaped(route.template))</code> \(escaped(route.summary))</summary>
      <p>\(escaped(who))</p><p>Answers: \(statuses.map(String.init).joined(separator: ", "))</p>
      <form data-method="\(route.method.rawValue)" data-path="\(escaped(route.template))">
      \(fields.joined())\(bodyField(route))<button>Try it</button></form><pre hidden></pre></details>

      """
  }

  private static func field(_ place: String, _ name: String, isRequired: Bool, _ summary: String) -> String {
    """
    <label>\(escaped(name))\(isRequired ? " *" : "") <input data-in="\(place)" name="\(escaped(name))"> \
    <small>\(escaped(summary))</small></label>

    """
  }

  private static func bodyField(_ route: RouteDeclaration) -> String {
    switch route.body {
    case .json(let name):
      "<label>\(name) (JSON) <textarea data-in=\"body\" rows=\"4\">{}</textarea></label>\n"
    case .bytes: "<label>file <input type=\"file\" data-in=\"file\"></label>\n"
    case .form: "<label>files <input type=\"file\" data-in=\"files\" multiple></label>\n"
    case nil: ""
    }
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  static let style = """
    body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #222; background: #fff }
    nav a { margin-right: .8rem } details { border-top: 1px solid #ddd; padding: .5rem 0 } summary { cursor: pointer }
    .method { display: inline-block; min-width: 4.5rem } label { display: block; margin: .3rem 0 }
    textarea { display: block; width: 100%; font: 14px monospace }
    pre { background: #f4f4f4; overflow: auto; max-height: 30rem; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
    @media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } a { color: #8bf } pre { background: #242424 } details { border-color: #333 } }

    """

  static let script = """
    "use strict";
    // Sends what a form says, with the key as X-API-Key, and shows the answer.
    async function send(form, output) {
      let path = form.dataset.path;
      const query = new URLSearchParams();
      const options = { method: form.dataset.method, headers: {} };
      const key = document.getElementById("key").value;
      if (key) options.headers["X-API-Key"] = key;
      for (const input of form.querySelectorAll("[data-in]")) {
        const place = input.dataset.in;
        if (place === "path") path = path.replace("{" + input.name + "}", encodeURIComponent(input.value));
        else if (place === "query" && input.value) query.append(input.name, input.value);
        else if (place === "body") { options.body = input.value; options.headers["Content-Type"] = "application/json"; }
        else if (place === "file") options.body = input.files[0];
        else if (place === "files") {
          options.body = new FormData();
          for (const file of input.files) options.body.append("files", file);
        }
      }
      const text = query.toString();
      const answer = await fetch(path + (text ? "?" + text : ""), options);
      let body = await answer.text();
      try { body = JSON.stringify(JSON.parse(body), null, 2); } catch (error) { /* no JSON: shown as it is */ }
      const headers = [...answer.headers].map(([name, value]) => name + ": " + value).join("\\n");
      output.textContent = answer.status + " " + answer.statusText + "\\n" + headers + "\\n\\n" + body.slice(0, 200000);
      output.hidden = false;
    }
    for (const form of document.querySelectorAll("form")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const output = form.nextElementSibling;
        send(form, output).catch((error) => { output.textContent = String(error); output.hidden = false; });
      });
    }

    """
}
