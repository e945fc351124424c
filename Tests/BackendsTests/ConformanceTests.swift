import BackendConformance
import Backends
import Foundation
import TestSupport
import Testing

@Suite("Every backend keeps the contract")
struct ConformanceTests {
  /// A backend with its options, and how to make one in a folder.
  struct Subject: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let makeStore: @Sendable (_ folder: String) throws -> any BlobStore
  }

  static let subjects = [
    Subject(testDescription: "memory") { _ in try BackendConfiguration.memory.makeStore() },
    Subject(testDescription: "file system, power loss") {
      try BackendConfiguration.fileSystem(root: $0, durability: .powerLoss).makeStore()
    },
    Subject(testDescription: "file system, process crash") {
      try BackendConfiguration.fileSystem(root: $0, durability: .processCrash).makeStore()
    },
    Subject(testDescription: "hooked memory") { _ in HookedStore(MemoryStore()) },
  ]

  @Test(arguments: subjects)
  func keepsEveryPromise(_ subject: Subject) async throws {
    try await withTemporaryFolder { folder in
      let store = try subject.makeStore(folder)
      for result in await BackendConformance.run(on: store) {
        #expect(result.outcome == .passed, "\(result.name): \(result.message ?? "")")
      }
      let left = try await store.list(prefix: "").collect()
      #expect(left.isEmpty, "the suite has to clean up after itself")
    }
  }

  @Test(arguments: FaultyStores.all)
  func theNamedCheckFindsTheFault(_ fault: Fault) async throws {
    let check = try #require(BackendConformance.checks.first { $0.name == fault.check })
    let result = await BackendConformance.run(check, on: fault.makeStore())
    #expect(result.outcome == .failed)
    #expect(result.message?.isEmpty == false)
  }

  @Test func everyCheckHasAFaultThatItFinds() {
    let names = BackendConformance.checks.map(\.name)
    #expect(Set(names).count == names.count, "names have to be unique")
    #expect(Set(FaultyStores.all.map(\.check)) == Set(names))
  }
}

/// Runs `body` with a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = FileManager.default.temporaryDirectory.path + "/backends-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}
