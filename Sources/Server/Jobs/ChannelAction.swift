import APITypes
import CondaTypes
import Metadata

/// What can be done to a channel as a job (quetz-api.md §7.2).
package enum ChannelAction: String, CaseIterable, Sendable {
  case synchronize
  case synchronizeRepodata = "synchronize_repodata"
  case reindex
  case generateIndexes = "generate_indexes"
  case validatePackages = "validate_packages"
  case synchronizeMetrics = "synchronize_metrics"
  case cleanup
  case cleanupDryRun = "cleanup_dry_run"

  /// The jobs it is made of, in order; the last one is what the API answers with.
  var manifests: [JobManifest] {
    switch self {
    case .synchronize: [.synchronize]
    case .synchronizeRepodata: [.synchronizeRepodata]
    case .reindex: [.reindex]
    case .generateIndexes: [.generateIndexes]
    case .validatePackages: [.validatePackages]
    case .synchronizeMetrics: [.synchronizeMetrics]
    case .cleanup: [.databaseCleanup, .storeCleanup]
    case .cleanupDryRun: [.databaseCleanupDryRun, .storeCleanupDryRun]
    }
  }

  /// What it takes to ask for it.
  var permission: Action {
    switch self {
    case .synchronize: .synchronize
    case .synchronizeRepodata: .synchronizeRepodata
    case .reindex: .reindex
    case .generateIndexes: .generateIndexes
    case .validatePackages: .validatePackages
    case .synchronizeMetrics: .synchronizeMetrics
    case .cleanup: .cleanup
    case .cleanupDryRun: .cleanupDryRun
    }
  }

  /// - Throws: 405 where the kind of channel does not go with the action.
  func requireAllowed(on mode: MirrorMode?, channel name: String) throws {
    let isAllowed =
      switch self {
      case .synchronize, .synchronizeRepodata: mode == .mirror
      case .synchronizeMetrics: mode != .mirror
      case .reindex, .generateIndexes, .validatePackages, .cleanup, .cleanupDryRun: true
      }
    guard isAllowed else {
      throw APIError(.actionNotAllowed, "Action \(rawValue) not allowed for channel \(name)")
    }
  }
}

/// What a job does; the word that the API calls its manifest.
package enum JobManifest: String, CaseIterable, Sendable {
  case synchronize
  case synchronizeRepodata = "synchronize_repodata"
  case validatePackages = "validate_packages"
  case generateIndexes = "generate_indexes"
  case reindex
  case synchronizeMetrics = "synchronize_metrics"
  case databaseCleanup = "db_cleanup"
  case databaseCleanupDryRun = "db_cleanup_dry_run"
  case storeCleanup = "pkgstore_cleanup"
  case storeCleanupDryRun = "pkgstore_cleanup_dry_run"
}

extension JSONBody {
  /// A list of actions; `nil` if absent or `null`.
  mutating func optionalActions(_ key: String) -> [ChannelAction]? {
    guard let texts = optionalStrings(key) else { return nil }
    let actions = texts.compactMap(ChannelAction.init(rawValue:))
    if actions.count != texts.count { noteUnknownAction(key) }
    // Each once: asked for twice they would wait once anyway.
    var seen: Set<ChannelAction> = []
    return actions.filter { seen.insert($0).inserted }
  }

  /// One action, which must be given.
  mutating func requiredAction(_ key: String) -> ChannelAction {
    guard has(key) else {
      note("missing", key, "Field required")
      return .reindex
    }
    if let action = self[key]?.asString.flatMap(ChannelAction.init(rawValue:)) { return action }
    noteUnknownAction(key)
    return .reindex
  }

  private mutating func noteUnknownAction(_ key: String) {
    let words = ValidationWords.list(ChannelAction.allCases.map(\.rawValue))
    note("enum", key, "Input should be \(words)", context: ["expected": .string(words)])
  }
}
