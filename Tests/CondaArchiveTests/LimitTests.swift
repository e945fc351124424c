import CondaArchive
import CondaTypes
import Foundation
import TestSupport
import Testing

/// What an artifact may cost. Serialised, since memory and time of the whole process are measured.
@Suite(.serialized) struct LimitTests {
  static let limits: [(String, @Sendable (inout ArtifactLimits) -> Void)] = [
    ("too_many_entries", { $0.maxEntries = 3 }),
    ("unsafe_path_too_long", { $0.maxPathLength = 10 }),
    ("info_file_too_large", { $0.maxInfoFileSize = 20 }),
    ("info_file_too_large", { $0.maxPathListSize = 20 }),
    ("info_too_large", { $0.maxInfoTotalSize = 300 }),
    ("expands_too_much", { $0.maxExpandedSize = 2000 }),
    (
      "expansion_ratio_too_high",
      {
        $0.expansionRatioFloor = 1000
        $0.maxExpansionRatio = 1
      }
    ),
    ("took_too_long", { $0.maxDuration = .nanoseconds(-1) }),
  ]

  @Test(arguments: limits.indices, ArtifactFormat.allCases)
  func refusesWhatIsAboveALimit(index: Int, format: ArtifactFormat) throws {
    let (code, lower) = Self.limits[index]
    var limits = ArtifactLimits()
    lower(&limits)
    let package = PackageBuilder(format: format)
    #expect(try refusal(package.bytes(), as: package.fileName, limits: limits) == code)
  }

  @Test func countsThePathsThatItKeeps() throws {
    var package = PackageBuilder(format: .tarBzip2)
    package.pathsJSON = .absent
    package.filesList = .absent
    package.payload = (0..<100).map { ArchiveFile("share/file-\($0)", text: "") }
    var limits = ArtifactLimits()
    limits.maxInfoTotalSize = 1000
    #expect(try refusal(package.bytes(), as: package.fileName, limits: limits) == "info_too_large")
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesABombQuicklyAndWithLittleMemory(format: ArtifactFormat) throws {
    var package = PackageBuilder(format: format)
    package.zeros = format == .conda ? 5 << 30 : 100 << 30
    let bytes = try package.bytes()
    #expect(package.zeros / Int64(bytes.count) > (format == .conda ? 10_000 : 700_000))
    let file = try TemporaryFile(bytes)
    let name = try ArtifactName(parsing: package.fileName)
    let start = ContinuousClock.now
    let growth = smallestPeak(of: 3) {
      #expect(throws: ArchiveError.expansionRatioTooHigh(limit: 1000)) {
        try ArtifactReader().read(fileAt: file.path, as: name)
      }
    }
    #expect(ContinuousClock.now - start < .seconds(60))
    #expect(growth < 64 << 20)
  }

  /// 100 MB of file, or 45 MB after decompression.
  @Test(arguments: ArtifactFormat.allCases)
  func readsALargePackageInConstantMemory(format: ArtifactFormat) throws {
    var package = PackageBuilder(format: format)
    if format == .conda {
      package.randomPayloadSize = 100 << 20
    } else {
      package.zeros = 45_000_192
    }
    let file = try TemporaryFile(package.bytes())
    let name = try ArtifactName(parsing: package.fileName)
    let growth = try smallestPeak(of: 5) {
      _ = try ArtifactReader().read(fileAt: file.path, as: name)
    }
    #expect(growth < 20 << 20)
  }

  /// By how much the process grew while `body` ran, at its worst moment. Other tests run meanwhile, so the
  /// quietest of some attempts counts: a reader that takes the whole file into memory is never quiet.
  private func smallestPeak(of attempts: Int, _ body: () throws -> Void) rethrows -> Int {
    var smallest = Int.max
    for _ in 0..<attempts where smallest > 8 << 20 {
      // "5" sets the peak back to what is resident now (proc(5)).
      try? Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
      let before = statusBytes("VmRSS:")
      try body()
      smallest = min(smallest, statusBytes("VmHWM:") - before)
    }
    return smallest
  }

  private func statusBytes(_ key: String) -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
    return (line?.split(separator: " ").dropLast().last.flatMap { Int($0) } ?? 0) << 10
  }
}
