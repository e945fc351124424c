import CondaTypes
import Metadata

/// A subdir's `index.html`: its index files, then its artifacts.
enum SubdirPage {
  /// Rows on the page; a subdir of conda-forge's size would make a page that no browser opens.
  static let maxRows = 5000

  static func html(channel: ChannelRow, subdir: String, _ listing: ArtifactListing) -> [UInt8] {
    var page = HTMLText()
    page.beginPage(title: "\(channel.name)/\(subdir)")
    page.markup("<p><a href=\"../index.html\">")
    page.text(channel.name)
    page.markup("</a></p>\n<p>")
    for name in [
      "repodata.json", "repodata.json.zst", "current_repodata.json", "current_repodata.json.zst",
      "run_exports.json", "run_exports.json.zst", "repodata_shards.msgpack.zst",
    ] {
      page.markup("<a href=\"")
      page.pathSegment(name)
      page.markup("\">")
      page.text(name)
      page.markup("</a> ")
    }
    page.markup(
      "</p>\n<table>\n<tr><th>Filename</th><th>Size</th><th>Last Modified</th><th>SHA256</th><th>MD5</th></tr>\n"
    )
    for artifact in listing.artifacts { row(artifact, &page) }
    page.markup("</table>\n")
    let rest = listing.total - listing.artifacts.count
    if rest > 0 {
      page.markup("<p>")
      page.text(
        "The \(listing.artifacts.count) newest artifacts are listed; repodata.json lists \(rest) more.")
      page.markup("</p>\n")
    }
    let updated = listing.artifacts.map(\.timeModified).max() ?? channel.createdAt
    page.endPage(updated: Timestamp.rfc3339(updated), files: listing.total)
    return page.bytes
  }

  private static func row(_ artifact: ListedArtifact, _ page: inout HTMLText) {
    page.markup("<tr><td><a href=\"")
    page.pathSegment(artifact.fileName)
    page.markup("\">")
    page.text(artifact.fileName)
    page.markup("</a>")
    if !artifact.isIndexed {
      page.markup("<br><small>")
      page.text(artifact.yankReason.map { "yanked: \($0)" } ?? "removed from the index by a patch")
      page.markup("</small>")
    }
    page.markup("</td><td class=\"n\">")
    page.text(String(artifact.size))
    page.markup("</td><td>")
    page.text(Timestamp.rfc3339(artifact.timeModified))
    page.markup("</td><td><code>")
    page.text(artifact.sha256.hex)
    page.markup("</code></td><td><code>")
    page.text(artifact.md5.hex)
    page.markup("</code></td></tr>\n")
  }
}
