import CondaTypes
import Foundation
import HTTPTypes
import TestSupport
import Testing

/// The same uploads make the same bytes, whatever else differs.
@Suite struct DownloadDeterminismTests {
  private static let packages: [PackageBuilder] = {
    var packages: [PackageBuilder] = []
    for name in ["alpha", "beta", "gamma"] {
      for format in ArtifactFormat.allCases {
        var package = PackageBuilder(name: name, version: "1.0", build: "0", format: format)
        package.depends = ["python >=3.9"]
        package.runExportsJSON = .text(#"{"weak":["x"],"strong":["y","z"]}"#)
        package.indexFields = ["zeta": 1, "eta": ["b": 1, "a": 2], "theta": .number(1.5)]
        packages.append(package)
      }
    }
    var native = PackageBuilder(name: "native", version: "2.0", build: "1", format: .conda)
    (native.subdir, native.noarch) = ("linux-64", nil)
    return packages + [native]
  }()

  /// Everything served after the uploads, by path.
  private static func documents(_ order: [PackageBuilder], together: Bool) async throws -> [String: [UInt8]] {
    let clock = TestClock(1_800_000_000)
    return try await TestApp.with(now: { clock.date }) { app in
      try await app.createChannel("lab")
      if together {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for package in order {
            group.addTask {
              let answer = try await app.upload(package, to: "lab")
              #expect(answer.status == 201)
            }
          }
          try await group.waitForAll()
        }
      } else {
        for package in order {
          #expect(try await app.upload(package, to: "lab").status == 201)
          try await app.settle("lab")
        }
      }
      try await app.settle("lab")
      var documents: [String: [UInt8]] = [:]
      var paths = ["channeldata.json", "index.html"]
      for subdir in ["noarch", "linux-64"] {
        for name in [
          "repodata.json", "repodata.json.zst", "current_repodata.json.zst", "run_exports.json",
          "run_exports.json.zst", "repodata_shards.msgpack.zst", "index.html",
        ] {
          paths.append("\(subdir)/\(name)")
        }
        for (name, digest) in try await ShardReader(app: app, channel: "lab", subdir: subdir).index() {
          documents["\(subdir)/shard of \(name)"] =
            try await app.send(.get, "/get/lab/\(subdir)/shards/\(digest).msgpack.zst").body
        }
      }
      for path in paths {
        let answer = try await app.send(.get, "/get/lab/\(path)")
        #expect(answer.status == 200, "\(path)")
        documents[path] = answer.body
      }
      return documents
    }
  }

  @Test func twoDeploymentsServeTheSameBytes() async throws {
    let first = try await Self.documents(Self.packages, together: false)
    #expect(first.count == 20)
    let second = try await Self.documents(Self.packages.reversed(), together: true)
    #expect(Set(first.keys) == Set(second.keys))
    for (path, bytes) in first.sorted(by: { $0.key < $1.key }) {
      #expect(second[path] == bytes, "\(path) differs: \(String(decoding: bytes.prefix(300), as: UTF8.self))")
    }
  }
}
