import APITypes
import CondaTypes
import Foundation
import Metadata
import NIOPosix

/// What a channel tells: `notices.json` (CEP 6) and `rss.xml`, its newest artifacts.
struct ChannelNews: Sendable {
  /// Items of the feed.
  static let maxItems = 100

  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow

  func make() async throws -> [DocumentRow] {
    let now = store.now()
    let notices = try await metadata.notices(channelID: channel.id).filter { $0.expiresAt > now }
    let recent = try await metadata.recentArtifacts(channelID: channel.id, limit: Self.maxItems)
    let (json, feed) = try await store.threads.runIfActive {
      (
        try FinishedDocument(bytes: Self.notices(notices), in: store.folder),
        try FinishedDocument(bytes: ChannelFeed.xml(channel, recent), in: store.folder)
      )
    }
    return [
      try await store.put(json, channelID: channel.id, path: "notices.json"),
      try await store.put(feed, channelID: channel.id, path: "rss.xml"),
    ]
  }

  private static func notices(_ notices: [ChannelNotice]) -> [UInt8] {
    let items = notices.map { notice -> JSONValue in
      let body = NoticeBody(notice)
      return [
        "created_at": .string(body.createdAt), "expires_at": .string(body.expiresAt), "id": .string(body.id),
        "level": .string(body.level), "message": .string(body.message),
      ]
    }
    var bytes: [UInt8] = []
    JSONValue.object(["notices": .array(items)]).appendCanonical(to: &bytes)
    return bytes
  }
}

extension NoticeBody {
  init(_ notice: ChannelNotice) {
    self.init(
      id: notice.id, message: notice.message, level: notice.level,
      createdAt: Self.time(notice.createdAt), expiresAt: Self.time(notice.expiresAt))
  }

  /// With `+00:00`: Python's parser did not take `Z` before 3.11.
  private static func time(_ date: Date) -> String { String(Timestamp.rfc3339(date).dropLast()) + "+00:00" }
}

/// A channel's `rss.xml` (RSS 2.0). Links are relative to the feed, since the server does not know its own address.
enum ChannelFeed {
  static func xml(_ channel: ChannelRow, _ artifacts: [RecentArtifact]) -> [UInt8] {
    var feed = HTMLText()
    feed.markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\">\n<channel>\n<title>")
    feed.xml(channel.name)
    feed.markup("</title>\n<link>./</link>\n<description>")
    feed.xml(channel.description ?? "Packages of \(channel.name)")
    feed.markup("</description>\n<lastBuildDate>")
    feed.xml(Timestamp.http(artifacts.first?.timeModified ?? channel.createdAt))
    feed.markup("</lastBuildDate>\n")
    for artifact in artifacts { item(artifact, &feed) }
    feed.markup("</channel>\n</rss>\n")
    return feed.bytes
  }

  private static func item(_ artifact: RecentArtifact, _ feed: inout HTMLText) {
    feed.markup("<item>\n<title>")
    feed.xml("\(artifact.packageName) \(artifact.version) (\(artifact.subdir))")
    feed.markup("</title>\n<link>")
    feed.pathSegment(artifact.subdir)
    feed.markup("/")
    feed.pathSegment(artifact.fileName)
    feed.markup("</link>\n<description>")
    feed.xml(artifact.summary ?? artifact.fileName)
    feed.markup("</description>\n<guid isPermaLink=\"false\">")
    feed.xml("\(artifact.subdir)/\(artifact.fileName)#sha256:\(artifact.sha256.hex)")
    feed.markup("</guid>\n<pubDate>")
    feed.xml(Timestamp.http(artifact.timeModified))
    feed.markup("</pubDate>\n</item>\n")
  }
}

extension HTMLText {
  /// Text from outside, without what XML 1.0 cannot hold at all.
  fileprivate mutating func xml(_ text: String) {
    self.text(
      String(
        String.UnicodeScalarView(
          text.unicodeScalars.filter { scalar in
            scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
              || [0x09, 0x0A, 0x0D].contains(scalar.value)
          })))
  }
}
