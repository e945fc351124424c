package import Foundation
package import Logging
package import Metadata

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension DownloadCounter {
  /// Adds what the journal of an earlier process has to the database, and begins a new journal.
  ///
  /// ```
  /// downloads.journal        read: the remainder
  /// downloads.journal.new    made
  /// commit                   the remainder, and the mark of the new journal
  /// downloads.journal        the new one, renamed
  /// ```
  /// No journal stops the start: what is wrong with the old one costs its counts, with the new one that counts end with
  /// the process.
  ///
  /// - Throws: `MetadataError` if nothing can be written; the next start finds the old journal as it was.
  package static func start(
    _ deployment: Deployment, metadata: MetadataStore, metrics: PackageMetrics,
    now: @escaping @Sendable () -> Date, logger: Logger
  ) async throws -> DownloadCounter {
    let path = deployment.downloadJournalFile
    let mark = try await metadata.downloadMark()
    let remainder = remainder(at: path, after: mark, logger)
    let (journal, isFile) = try makeJournal(at: path + ".new", logger)
    let counted = try await metadata.addDownloads(
      remainder, step: .init(from: mark, to: DownloadMark(journal: journal.name, generation: 0)), now: now())
    metrics.count(downloads: counted)
    if !isFile {
      unlink(path)
    } else if rename(path + ".new", path) != 0 {
      warn(logger, path, .system("rename", errno))
    }
    return DownloadCounter(journal: journal, metadata: metadata, metrics: metrics, now: now, logger: logger)
  }

  private static func remainder(
    at path: String, after mark: DownloadMark?, _ logger: Logger
  ) -> [Int64: Int] {
    do {
      let counts = try DownloadJournal.remainder(at: path, after: mark, boot: BootID.current)
      if !counts.isEmpty {
        logger.info(
          "the server was killed; its last download counts were found",
          metadata: ["downloads.count": "\(counts.values.reduce(0, +))"])
      }
      return counts
    } catch {
      logger.warning(
        "the journal of an earlier process cannot be used: the download counts of its last seconds may be lost",
        metadata: ["file.path": "\(path)", "error.cause": "\(error)"])
      return [:]
    }
  }

  private static func makeJournal(
    at path: String, _ logger: Logger
  ) throws -> (journal: DownloadJournal, isFile: Bool) {
    do {
      return (try DownloadJournal(at: path, boot: BootID.current), true)
    } catch {
      warn(logger, path, error)
      guard let journal = DownloadJournal() else { throw error }
      return (journal, false)
    }
  }

  private static func warn(_ logger: Logger, _ path: String, _ defect: DownloadJournalDefect) {
    logger.warning(
      "the download journal cannot be made: counts of the last seconds will be lost if the process is killed",
      metadata: ["file.path": "\(path)", "error.cause": "\(defect)"])
  }
}
