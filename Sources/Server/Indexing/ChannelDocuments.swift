import CondaTypes
import Foundation
import Metadata

/// The documents of a channel as a whole: `channeldata.json` (CEP 38) and its `index.html`.
///
/// Both are written as the packages come from the database; memory does not grow with their number.
struct ChannelDocuments: Sendable {
  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow

  func make() async throws -> [DocumentRow] {
    let subdirs = ChannelData.subdirOrder(try await metadata.subdirs(channelID: channel.id))
    let (data, page) = try await store.run {
      let data = try DocumentFile(in: store.folder)
      var page = ChannelPage(channel: channel, subdirs: subdirs, file: try DocumentFile(in: store.folder))
      var writer = ChannelDataWriter()
      try data.append { writer.begin(into: &$0) }
      try page.begin()
      try metadata.visitPackagesForChannelData(channelID: channel.id) { name, entry in
        try data.append { writer.append(name: name, entry: entry, to: &$0) }
        try page.append(name, try entry.map { try JSONValue(parsing: Array($0.utf8)) } ?? .object([:]))
      }
      try data.append { writer.finish(subdirs: subdirs, into: &$0) }
      return (try FinishedDocument(data), try page.finish())
    }
    return [
      try await store.put(data, channelID: channel.id, path: "channeldata.json"),
      try await store.put(page, channelID: channel.id, path: "index.html"),
    ]
  }
}

/// A channel's `index.html`: its subdirs, then its packages.
struct ChannelPage {
  let channel: ChannelRow
  let subdirs: [String]
  let file: DocumentFile
  private var count = 0
  private var newest: Int64?

  init(channel: ChannelRow, subdirs: [String], file: DocumentFile) {
    self.channel = channel
    self.subdirs = subdirs
    self.file = file
  }

  /// Everything before the first package.
  func begin() throws {
    var page = HTMLText()
    page.beginPage(title: channel.name)
    if let description = channel.description {
      page.markup("<p>")
      page.text(description)
      page.markup("</p>\n")
    }
    page.markup("<p><a href=\"channeldata.json\">channeldata.json</a>")
    for subdir in subdirs {
      page.markup(" <a href=\"")
      page.pathSegment(subdir)
      page.markup("/\">")
      page.text(subdir + "/")
      page.markup("</a>")
    }
    page.markup("</p>\n<table>\n<tr><th>Package</th><th>Latest Version</th><th>License</th>")
    for subdir in subdirs {
      page.markup("<th>")
      page.text(subdir)
      page.markup("</th>")
    }
    page.markup("<th>Summary</th></tr>\n")
    try file.append { $0 += page.bytes }
  }

  /// One package; in order of names.
  mutating func append(_ name: String, _ entry: JSONValue) throws {
    count += 1
    if let timestamp = entry["timestamp"]?.asInteger { newest = max(newest ?? timestamp, timestamp) }
    var page = HTMLText()
    page.markup("<tr><td>")
    page.link(entry["home"]?.asString, label: name)
    for key in ["version", "license"] {
      page.markup("</td><td>")
      page.text(entry[key]?.asString ?? "")
    }
    let present = Set((entry["subdirs"]?.asArray ?? []).compactMap(\.asString))
    for subdir in subdirs {
      page.markup("</td><td>")
      page.text(present.contains(subdir) ? "X" : "")
    }
    page.markup("</td><td>")
    page.text(entry["summary"]?.asString ?? "")
    page.markup("</td></tr>\n")
    try file.append { $0 += page.bytes }
  }

  /// Everything after the last package.
  func finish() throws -> FinishedDocument {
    var page = HTMLText()
    page.markup("</table>\n")
    let updated = newest.map { Date(timeIntervalSince1970: TimeInterval($0)) } ?? channel.createdAt
    page.endPage(updated: Timestamp.rfc3339(updated), files: count)
    try file.append { $0 += page.bytes }
    return try FinishedDocument(file)
  }
}
