import CondaTypes
import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import Server
import TestSupport
import Testing

/// Memory does not grow with the package.
@Suite struct UploadMemoryTests {
  /// In a process of its own, since the peak of a process says nothing while other tests run in it.
  @Test func aPackageOf200MBNeedsLittleMemory() async throws {
    await #expect(processExitsWith: .success) {
      try await TestApp.with { app in
        let path = app.deployment.root + "/large.conda"
        let size = try Self.writeLargePackage(path)
        #expect(try await app.createChannel("lab").status == 201)
        #expect(try await app.upload(PackageBuilder(name: "first"), to: "lab").status == 201)
        for force in [false, true] {
          let before = try Self.resetPeak()
          let answer = try await app.send(
            .post, "/api/channels/lab/upload/large-1.0-0.conda?sha256=&force=\(force)", as: "owner",
            body: .file(path: path, size: size))
          #expect(answer.status == 201, "\(answer.text)")
          let growth = try Self.memory("VmHWM") - before
          #expect(growth < 80 << 20, "grew by \(growth >> 20) MiB for a package of \(size >> 20) MiB")
        }
        #expect(try await app.record(of: "large-1.0-0.conda", in: "lab")?["size"]?.asInteger == size)
      }
    }
  }

  private static func writeLargePackage(_ path: String) throws -> Int64 {
    var package = PackageBuilder(name: "large")
    package.randomPayloadSize = 200_000_000
    let bytes = try package.bytes()
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return Int64(bytes.count)
  }

  /// Starts the peak anew; gives the resident memory now.
  private static func resetPeak() throws -> Int {
    try Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
    return try memory("VmRSS")
  }

  /// A line of `/proc/self/status`, in bytes.
  private static func memory(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
    return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1])) << 10
  }
}
