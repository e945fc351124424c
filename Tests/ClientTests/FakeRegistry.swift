import CurlHTTP
import Foundation
import Locks

/// A server of ours as far as the client can tell: keeps packages, checks the key, can be told to fail.
final class FakeRegistry: Sendable {
  struct State: Sendable {
    var packages: [String: [UInt8]] = [:]
    var requests: [ReceivedRequest] = []
    /// Answers given instead of the usual ones, first to last; an empty one hangs up.
    var interruptions: [String] = []
  }

  static let key = "k3y"
  private let state: Guarded<State>
  private let server: ScriptedServer

  init(interruptions: [String] = []) throws {
    let state = Guarded(State(interruptions: interruptions))
    self.state = state
    server = try ScriptedServer { connection, _ in
      while let request = try connection.readRequest() {
        let answer = state.withLock { state in Self.answer(request, &state) }
        guard !answer.isEmpty else { return }
        try connection.write(answer)
      }
    }
  }

  var url: String { server.url }
  var port: UInt16 { server.port }
  var packages: [String: [UInt8]] { state.withLock { $0.packages } }
  var requests: [ReceivedRequest] { state.withLock { $0.requests } }

  private static func answer(_ request: ReceivedRequest, _ state: inout State) -> String {
    state.requests.append(request)
    if !state.interruptions.isEmpty { return state.interruptions.removeFirst() }
    guard request.header("X-API-Key") == key else {
      return json("401 Unauthorized", #"{"detail":"Not logged in"}"#)
    }
    guard let url = URLComponents(string: request.target) else { return json("400 Bad Request", "null") }
    let query = Dictionary(uniqueKeysWithValues: (url.queryItems ?? []).map { ($0.name, $0.value ?? "") })
    if request.method == "POST", url.path.contains("/upload/") {
      return upload(request, to: url.path, isForced: query["force"] == "true", &state)
    }
    if request.method == "GET", url.path == "/api/paginated/channels" {
      return json(
        "200 OK",
        page(of: 250, query) { number in
          #"{"name":"c\#(number)","description":null,"private":false,"size_limit":null,"ttl":36000,"#
            + #""mirror_channel_url":null,"mirror_mode":null,"members_count":1,"packages_count":\#(number)}"#
        })
    }
    if request.method == "GET", url.path == "/api/paginated/channels/c1/packages" {
      return json(
        "200 OK", page(of: 3, query) { #"{"name":"p\#($0)","platforms":["noarch"],"new_field":1}"# })
    }
    return json("404 Not Found", #"{"detail":"Not Found"}"#)
  }

  private static func upload(
    _ request: ReceivedRequest, to path: String, isForced: Bool, _ state: inout State
  ) -> String {
    guard isForced || state.packages[path] == nil else {
      return json("409 Conflict", #"{"detail":"Duplicate"}"#, headers: "X-Error-Code: artifact_exists\r\n")
    }
    state.packages[path] = request.body
    return json("201 Created", "null")
  }

  private static func page(of total: Int, _ query: [String: String], _ item: (Int) -> String) -> String {
    let skip = Int(query["skip"] ?? "") ?? 0
    let limit = Int(query["limit"] ?? "") ?? 20
    let items = (skip..<max(skip, min(total, skip + limit))).map(item).joined(separator: ",")
    return
      #"{"pagination":{"skip":\#(skip),"limit":\#(limit),"all_records_count":\#(total)},"result":[\#(items)]}"#
  }

  static func json(_ status: String, _ body: String, headers: String = "") -> String {
    ScriptedServer.answer(status, body, headers: "Content-Type: application/json\r\n" + headers)
  }
}
