import APITypes
import CondaTypes
import Metadata

/// The body of `POST /api/channels`, read and checked (quetz-api.md §1.3, §3.1).
struct NewChannelFields {
  let name: String
  let description: String?
  let isPrivate: Bool
  /// Whether `size_limit` is present, even as `null`: setting it is reserved to elevated users.
  let setsSizeLimit: Bool
  let sizeLimit: Int64?
  let ttl: Int64

  init(reading body: inout JSONBody) {
    name = body.requiredString("name")
    description = body.optionalString("description", maxLength: 300)
    isPrivate = body.bool("private", default: true)
    setsSizeLimit = body.has("size_limit")
    sizeLimit = body.optionalCount("size_limit")
    ttl = body.optionalCount("ttl") ?? 36_000
    if name.unicodeScalars.count > 50 {
      body.note(
        "string_too_long", "name", "String should have at most 50 characters", context: ["max_length": 50])
    }
    for key in ["mirror_channel_url", "mirror_mode"] where body[key] != nil && body[key] != .null {
      body.note("not_supported", key, "mirror and proxy channels are not supported by this version")
    }
  }

  /// - Throws: 422 in upstream's words where it has some, else with what a name may be.
  func validateName() throws {
    if name.contains("_") {
      throw APIError(.invalidChannelName, "_ should not be used in channel name")
    }
    if !name.utf8.allSatisfy({ $0 < 0x80 }) {
      throw APIError(.invalidChannelName, "only ASCII characters should be used in channel name")
    }
    do {
      _ = try ChannelName(parsing: name)
    } catch {
      throw APIError(.invalidChannelName, error.description)
    }
  }

  func channel(sizeLimit: Int64?) -> NewChannel {
    NewChannel(
      name: name, description: description, isPrivate: isPrivate, sizeLimit: sizeLimit, ttl: ttl,
      mirrorChannelURL: nil, mirrorMode: nil, metadata: nil)
  }
}
