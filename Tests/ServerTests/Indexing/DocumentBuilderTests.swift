import TestSupport
import Testing

/// Who makes a channel's documents: the background after every change, and jobs and requests that want them now.
@Suite struct DocumentBuilderTests {
  /// Whoever read the rows earlier must not put older documents in the place of newer ones: no change would follow that mends
  /// them.
  @Test func buildsThatOverlapLeaveTheNewestDocuments() async throws {
    try await TestApp.with(documentDelay: 0) { app in
      try await app.createBusyChannel()
      var names = try await app.repodataFileNames("lab", "noarch")
      for round in 0..<6 {
        let packages = (0..<6).map { PackageBuilder(name: "p\(round)-\($0)") }
        names.formUnion(packages.map(\.fileName))
        try await withThrowingTaskGroup(of: Void.self) { group in
          for package in packages {
            group.addTask {
              #expect(try await app.upload(package, to: "lab").status == 201)
              try await app.settle("lab")
            }
          }
          try await group.waitForAll()
        }
        #expect(try await app.repodataFileNames("lab", "noarch") == names)
      }
    }
  }
}
