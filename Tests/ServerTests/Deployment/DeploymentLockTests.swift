import Foundation
import HTTPTypes
import Logging
import Metadata
import Server
import Testing

@Suite struct DeploymentLockTests {
  private static func withDeployment(_ body: (Deployment) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "quetz-lock-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var creation = DeploymentCreation(deployment: Deployment(path: folder), report: { _ in })
    creation.createConfiguration = true
    try await creation.run()
    try await body(Deployment(path: folder))
  }

  @Test func namesTheHolderToASecondOne() async throws {
    try await Self.withDeployment { deployment in
      let first = try DeploymentLock(deployment)
      let error = #expect(throws: DeploymentError.self) { try DeploymentLock(deployment) }
      let text = try #require(error?.description)
      #expect(
        text.hasPrefix(
          "The deployment \(deployment.root) is in use by process \(ProcessInfo.processInfo.processIdentifier) on "
        ))
      #expect(text.hasSuffix("Stop that server first."))
      withExtendedLifetime(first) {}
    }
  }

  @Test func isFreeOnceTheHolderIsGone() async throws {
    try await Self.withDeployment { deployment in
      for _ in 0..<3 {
        let lock = try DeploymentLock(deployment)
        withExtendedLifetime(lock) {}
      }
      // What a killed process leaves in the file holds nobody up.
      try
        "process 1 on elsewhere since long ago, and a much longer text than ours would ever be, so that rests of it show"
        .write(toFile: deployment.lockFile, atomically: false, encoding: .utf8)
      let lock = try DeploymentLock(deployment)
      let text = try String(contentsOfFile: deployment.lockFile, encoding: .utf8)
      #expect(text.hasPrefix("process \(ProcessInfo.processInfo.processIdentifier) on "))
      #expect(!text.contains("elsewhere") && !text.contains("rests"))
      withExtendedLifetime(lock) {}
    }
  }

  @Test func keepsASecondServerAwayBeforeItTouchesAnything() async throws {
    try await TestApp.with { app in
      try await app.createChannel("lab")
      let configuration = try DeploymentConfiguration(deployment: app.deployment, environment: [:]).load()
        .configuration
      // A file in the spool stands for an upload under way: a second server must not empty the folder.
      let spooled = app.deployment.spoolFolder + "/under-way"
      try "bytes".write(toFile: spooled, atomically: true, encoding: .utf8)
      let error = await #expect(throws: DeploymentError.self) {
        _ = try await QuetzServer.build(
          deployment: app.deployment, configuration: configuration,
          options: ServeOptions(host: "127.0.0.1", port: 0),
          logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      }
      guard case .inUse = error else { Issue.record("\(String(describing: error))"); return }
      #expect(FileManager.default.fileExists(atPath: spooled))
      #expect(throws: DeploymentError.self) { try DeploymentCreation.remove(app.deployment) }
      #expect(app.deployment.exists)
      #expect(try await app.send(.get, "/get/lab/noarch/repodata.json").status == 200)
    }
  }

  @Test func refusesAFolderThatIsNoDeployment() async throws {
    let folder = NSTemporaryDirectory() + "quetz-none-" + UUID().uuidString
    var reader = ConfigurationReader(sections: [:])
    let configuration = ServerConfiguration(reading: &reader)
    let error = await #expect(throws: DeploymentError.self) {
      _ = try await QuetzServer.build(
        deployment: Deployment(path: folder), configuration: configuration,
        options: ServeOptions(host: "127.0.0.1", port: 0),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }
    #expect(error == .notADeployment(Deployment(path: folder).root))
    #expect(!FileManager.default.fileExists(atPath: folder))
  }
}
