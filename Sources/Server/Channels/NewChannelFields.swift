import APITypes
import CondaTypes
import Metadata

/// The body and query of `POST /api/channels`, read and checked (quetz-api.md §1.3, §3.1).
struct NewChannelFields {
  let name: String
  let description: String?
  let isPrivate: Bool
  /// Whether `size_limit` is present, even as `null`: setting it is reserved to elevated users.
  let setsSizeLimit: Bool
  let sizeLimit: Int64?
  let ttl: Int64
  let mirrorURL: String?
  let mirrorMode: MirrorMode?
  let lists: MirrorLists
  /// What to run once the channel is there.
  let actions: [ChannelAction]

  init(reading body: inout JSONBody) {
    name = body.requiredString("name")
    description = body.optionalString("description", maxLength: 300)
    isPrivate = body.bool("private", default: true)
    setsSizeLimit = body.has("size_limit")
    sizeLimit = body.optionalCount("size_limit")
    ttl = body.optionalCount("ttl") ?? 36_000
    mirrorURL = body.optionalURL("mirror_channel_url")
    mirrorMode = body.optionalChoice("mirror_mode", MirrorMode.self)
    lists = MirrorLists(reading: &body)
    let actions = body.optionalActions("actions")
    self.actions = actions ?? (mirrorMode == .mirror ? [.synchronizeRepodata] : [])
    if name.unicodeScalars.count > 50 {
      body.note(
        "string_too_long", "name", "String should have at most 50 characters", context: ["max_length": 50])
    }
    checkMirror(&body)
  }

  /// Both or neither of URL and mode; upstream asks only where every field is sound by itself.
  private func checkMirror(_ body: inout JSONBody) {
    guard body.issues.isEmpty else { return }
    func isGiven(_ key: String) -> Bool { body.has(key) && body[key] != .null }
    let (hasURL, hasMode) = (isGiven("mirror_channel_url"), isGiven("mirror_mode"))
    guard hasURL != hasMode else { return }
    body.noteWhole(
      "value_error",
      hasURL
        ? "Value error, 'mirror_channel_url' provided but 'mirror_mode' is undefined"
        : "Value error, 'mirror_mode' provided but 'mirror_channel_url' is undefined")
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
      mirrorChannelURL: mirrorURL, mirrorMode: mirrorMode?.rawValue, metadata: lists.stored)
  }
}
