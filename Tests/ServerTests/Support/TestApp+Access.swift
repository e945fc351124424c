import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import Metadata
import Testing

extension TestApp {
  /// Sends a JSON body.
  func send(
    _ method: HTTPRequest.Method, _ path: String, as user: String? = nil, json: JSONValue
  ) async throws -> Answer {
    try await send(method, path, as: user, body: .text(json.canonicalText()))
  }

  /// Gives a user a role in a channel.
  func setRole(_ role: Role, of user: String, in channel: String) async throws {
    let row = try #require(try await metadata.channel(named: channel))
    try await metadata.setChannelMember(channelID: row.id, userID: try #require(userIDs[user]), role: role)
  }

  /// Gives a user a role for a package.
  func setRole(_ role: Role, of user: String, for package: String, in channel: String) async throws {
    let row = try #require(try await metadata.channel(named: channel))
    let packageRow = try #require(try await metadata.package(channelID: row.id, named: package))
    try await metadata.addPackageMember(
      packageID: packageRow.id, userID: try #require(userIDs[user]), role: role)
  }

  /// Makes a key by the API and returns its secret.
  func createKey(as user: String, roles: JSONValue = [], expires: String? = nil) async throws -> String {
    let body: JSONValue = [
      "description": "made by a test", "roles": roles, "expire_at": expires.map { .string($0) } ?? .null,
    ]
    let answer = try await send(.post, "/api/api-keys", as: user, json: body)
    #expect(answer.status == 201, "\(answer.text)")
    return try #require(answer.json?["key"]?.asString)
  }
}

/// Asserts a status and `{"detail": …}`.
func expect(
  _ answer: Answer, _ status: Int, _ detail: JSONValue? = nil, _ comment: Comment? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(answer.status == status, comment ?? "\(answer.text)", sourceLocation: sourceLocation)
  if let detail { #expect(answer.json == ["detail": detail], comment, sourceLocation: sourceLocation) }
}
