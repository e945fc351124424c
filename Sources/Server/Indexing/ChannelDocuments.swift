import CondaTypes
import Foundation
import Metadata
import NIOPosix

/// The documents of a channel as a whole: `channeldata.json` (CEP 38) and its `index.html`.
struct ChannelDocuments: Sendable {
  let metadata: MetadataStore
  let store: DocumentStore
  let channel: ChannelRow

  func make() async throws -> [DocumentRow] {
    let packages = try await metadata.packagesForChannelData(channelID: channel.id)
    let subdirs = ChannelData.subdirOrder(try await metadata.subdirs(channelID: channel.id))
    let (data, page) = try await store.threads.runIfActive {
      let entries = try Dictionary(
        uniqueKeysWithValues: packages.map { package in
          (
            package.name,
            try package.channelData.map { try JSONValue(parsing: Array($0.utf8)) } ?? .object([:])
          )
        })
      var json: [UInt8] = []
      ChannelData.document(packages: entries, subdirs: subdirs).appendCanonical(to: &json)
      let page = ChannelPage.html(channel: channel, subdirs: subdirs, entries: entries)
      return (
        try FinishedDocument(bytes: json, in: store.folder),
        try FinishedDocument(bytes: page, in: store.folder)
      )
    }
    return [
      try await store.put(data, channelID: channel.id, path: "channeldata.json"),
      try await store.put(page, channelID: channel.id, path: "index.html"),
    ]
  }
}

/// A channel's `index.html`: its subdirs, then its packages.
enum ChannelPage {
  static func html(channel: ChannelRow, subdirs: [String], entries: [String: JSONValue]) -> [UInt8] {
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
    for (name, entry) in entries.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
      row(name, entry, subdirs, &page)
    }
    page.markup("</table>\n")
    let newest = entries.values.compactMap { $0["timestamp"]?.asInteger }.max()
    let updated = newest.map { Date(timeIntervalSince1970: TimeInterval($0)) } ?? channel.createdAt
    page.endPage(updated: Timestamp.rfc3339(updated), files: entries.count)
    return page.bytes
  }

  private static func row(_ name: String, _ entry: JSONValue, _ subdirs: [String], _ page: inout HTMLText) {
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
  }
}
