import Locks

/// How long uploads take to be in the index: as histograms for `/metricsp`, and the last ones per channel for the API.
///
/// An upload begins when its last byte is there. It is in the shards when it is answered, and in repodata once documents
/// made after that are committed. Counted in memory, from the server's start; bounded, whatever the number of channels.
package final class Freshness: Sendable {
  /// The upper bounds of the histograms' buckets, in seconds.
  static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
  /// Uploads that wait for repodata at most; those beyond are not measured.
  static let maximumWaiting = 100_000
  /// Channels whose last times are kept at most; then all are forgotten.
  static let maximumChannels = 10_000

  /// Times in buckets.
  struct Histogram: Sendable {
    /// One for each bound, and one for what is beyond.
    var buckets = [Int](repeating: 0, count: Freshness.bounds.count + 1)
    var seconds = 0.0

    mutating func add(_ value: Double) {
      buckets[Freshness.bounds.firstIndex { value <= $0 } ?? Freshness.bounds.count] += 1
      seconds += value
    }
  }

  /// A channel's last times, in seconds.
  struct Last: Sendable {
    var toShards: Double?
    var toRepodata: Double?
  }

  /// What is waiting for the documents of one subdir.
  struct Subdir: Hashable, Sendable {
    let channelID: Int64
    let subdir: String
  }

  struct Histograms: Sendable {
    var toShards = Histogram()
    var toRepodata = Histogram()
  }

  private struct State {
    var histograms = Histograms()
    var last: [Int64: Last] = [:]
    var waiting: [Subdir: [ContinuousClock.Instant]] = [:]
    var waitingCount = 0
  }

  private let state = Guarded(State())

  package init() {}

  var histograms: Histograms { state.withLock { $0.histograms } }

  func last(channelID: Int64) -> Last? { state.withLock { $0.last[channelID] } }

  /// An upload that began at `start` is in the shards now, and waits for repodata.
  func reachedShards(channelID: Int64, subdir: String, since start: ContinuousClock.Instant) {
    let seconds = Self.seconds(since: start)
    state.withLock { state in
      state.histograms.toShards.add(seconds)
      Self.keep(channelID, &state) { $0.toShards = seconds }
      guard state.waitingCount < Self.maximumWaiting else { return }
      state.waiting[Subdir(channelID: channelID, subdir: subdir), default: []].append(start)
      state.waitingCount += 1
    }
  }

  /// Takes what waits for a subdir's documents. To be asked before they are made: what comes later is not in them.
  func takeWaiting(channelID: Int64, subdir: String) -> [ContinuousClock.Instant] {
    state.withLock { state in
      let taken = state.waiting.removeValue(forKey: Subdir(channelID: channelID, subdir: subdir)) ?? []
      state.waitingCount -= taken.count
      return taken
    }
  }

  /// The documents are committed: what was taken is in repodata now.
  func reachedRepodata(channelID: Int64, _ starts: [ContinuousClock.Instant]) {
    let times = starts.map(Self.seconds(since:))
    guard let last = times.last else { return }
    state.withLock { state in
      for seconds in times { state.histograms.toRepodata.add(seconds) }
      Self.keep(channelID, &state) { $0.toRepodata = last }
    }
  }

  private static func keep(_ channelID: Int64, _ state: inout State, _ change: (inout Last) -> Void) {
    if state.last[channelID] == nil, state.last.count >= maximumChannels { state.last.removeAll() }
    change(&state.last[channelID, default: Last()])
  }

  private static func seconds(since start: ContinuousClock.Instant) -> Double {
    let (whole, atto) = start.duration(to: .now).components
    return Double(whole) + Double(atto) * 1e-18
  }
}
