import Locks
import Metadata

/// Counts downloads and uploads of packages since the start, for `/metricsp`.
///
/// Anybody may read `/metricsp`: packages of private channels are counted together, without their names. So are those
/// beyond the first thousand, since every one costs memory here and in whoever collects the numbers.
package final class PackageMetrics: Sendable {
  /// The labels of upstream's series.
  struct Labels: Hashable, Sendable {
    var channel: String
    var platform: String
    var packageName: String
    var version: String
    var packageType: String

    static let others = Labels(
      channel: "", platform: "", packageName: "", version: "", packageType: "")
  }

  struct Counts: Sendable {
    var downloads: [Labels: Int] = [:]
    var uploads: [Labels: Int] = [:]
  }

  static let maximumSeries = 1000
  private let state = Guarded(Counts())

  package init() {}

  /// Counts downloads that were written down.
  func count(downloads: [CountedDownloads]) {
    state.withLock { state in
      for download in downloads {
        let labels = Labels(
          channel: download.channel, platform: download.subdir, packageName: download.package,
          version: download.version, packageType: download.format)
        Self.add(download.count, download.isPrivate ? .others : labels, to: &state.downloads)
      }
    }
  }

  /// Counts an upload.
  func count(upload artifact: NewArtifact, to channel: ChannelRow) {
    let labels = Labels(
      channel: channel.name, platform: artifact.subdir, packageName: artifact.packageName,
      version: artifact.version, packageType: artifact.format)
    state.withLock { Self.add(1, channel.isPrivate ? .others : labels, to: &$0.uploads) }
  }

  private static func add(_ count: Int, _ labels: Labels, to counts: inout [Labels: Int]) {
    let hasRoom = counts[labels] != nil || counts.count < maximumSeries
    counts[hasRoom ? labels : .others, default: 0] += count
  }

  var counts: Counts { state.withLock { $0 } }
}
