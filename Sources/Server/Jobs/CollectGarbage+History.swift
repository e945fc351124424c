import Foundation
import Metadata

extension CollectGarbage {
  /// How long jobs that ended can be looked at, in seconds: thirty days.
  static let jobLifetime: TimeInterval = 30 * 86_400
  /// How long downloads are kept by the hour, in seconds: ninety days.
  static let hourLifetime: TimeInterval = 90 * 86_400

  /// Forgets what grows for ever and nobody looks at (decision 0054).
  func collectHistory() async throws {
    try await metadata.purgeFinishedJobs(before: now().addingTimeInterval(-Self.jobLifetime))
    try await metadata.purgeHourlyDownloads(before: now().addingTimeInterval(-Self.hourLifetime))
  }
}
