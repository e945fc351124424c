import Client
import CurlHTTP
import Foundation
import Locks
import Testing

/// What `quetz-client` does with its files, its words and its exit code.
struct UploadSessionTests {
  let transport = CurlTransport()

  final class Screen: Sendable {
    private let lines = Guarded<[String]>([])
    var text: [String] { lines.withLock { $0 } }
    func write(_ line: String) { lines.withLock { $0.append(line) } }
  }

  /// - Returns: Exit code, and what was said on stdout and stderr with the folder cut out.
  func run(
    _ registry: FakeRegistry?, _ files: TemporaryFiles, key: String = FakeRegistry.key,
    _ set: (inout UploadSession.Options) -> Void = { _ in }
  ) async throws -> (code: Int32, out: [String], errors: [String]) {
    let out = Screen()
    let errors = Screen()
    var options = UploadSession.Options()
    set(&options)
    let client = try RegistryClient(
      serverURL: registry?.url ?? "http://127.0.0.1:1", apiKey: key, transport: transport)
    let session = UploadSession(
      client: client, channel: "c0", options: options,
      reporter: LineReporter(out: { out.write($0) }, errors: { errors.write($0) }))
    let summary = await session.run(try UploadFile.check(files.paths))
    let cut = { (lines: [String]) in lines.map { $0.replacingOccurrences(of: files.folder + "/", with: "") } }
    return (summary.exitCode, cut(out.text).sorted(), cut(errors.text))
  }

  func packages(_ count: Int) throws -> TemporaryFiles {
    try TemporaryFiles(
      Dictionary(
        uniqueKeysWithValues: (0..<count).map { ("p\($0)-1-0.conda", [UInt8](repeating: 1, count: 12_345)) }))
  }

  @Test func uploadsAndSaysSo() async throws {
    let registry = try FakeRegistry()
    let said = try await run(registry, try packages(9))
    #expect(said.code == 0)
    #expect(said.out == (0..<9).map { "uploaded p\($0)-1-0.conda (12.3 kB) to c0" })
    #expect(said.errors.isEmpty)
    #expect(registry.packages.count == 9)
  }

  @Test func anExistingPackageIsAFailure() async throws {
    let registry = try FakeRegistry()
    let files = try packages(1)
    _ = try await run(registry, files)
    let said = try await run(registry, files)
    #expect(said.code == 1)
    #expect(said.errors == ["failed p0-1-0.conda: 409 Duplicate"])
  }

  @Test func anExistingPackageIsSkippedWhenAsked() async throws {
    let registry = try FakeRegistry()
    let files = try packages(1)
    _ = try await run(registry, files)
    let said = try await run(registry, files) { $0.skipExisting = true }
    #expect(said.code == 0)
    #expect(said.out == ["skipped p0-1-0.conda: already exists"])
  }

  @Test func anExistingPackageIsReplacedWhenForced() async throws {
    let registry = try FakeRegistry()
    let files = try packages(1)
    _ = try await run(registry, files)
    #expect(try await run(registry, files) { $0.force = true }.code == 0)
  }

  @Test func aWrongKeyStopsTheRest() async throws {
    let registry = try FakeRegistry()
    let said = try await run(registry, try packages(5), key: "wrong") { $0.jobs = 1 }
    #expect(said.code == 1)
    #expect(
      said.errors == ["failed p0-1-0.conda: 401 Not logged in"] + (1..<5).map { "not tried p\($0)-1-0.conda" }
    )
    #expect(registry.requests.count == 1)
  }

  @Test func noServerIsCodeThree() async throws {
    let said = try await run(nil, try packages(2)) { $0.jobs = 1 }
    #expect(said.code == 3)
    #expect(said.errors.count == 2)
    #expect(said.errors[0].hasPrefix("failed p0-1-0.conda: "))
    #expect(said.errors[1] == "not tried p1-1-0.conda")
  }

  @Test func aServerErrorNamesTheRequest() async throws {
    let registry = try FakeRegistry(interruptions: [
      FakeRegistry.json("500 Internal Server Error", #"{"detail":"oops"}"#, headers: "X-Request-ID: r7\r\n")
    ])
    let said = try await run(registry, try packages(1))
    #expect(said.errors == ["failed p0-1-0.conda: 500 oops (request r7)"])
  }

  @Test func theBarEndsWithEverythingSent() async throws {
    let registry = try FakeRegistry()
    let files = try packages(3)
    let screen = Screen()
    let checked = try UploadFile.check(files.paths)
    let bar = ProgressBarReporter(
      files: checked, lines: LineReporter(out: { screen.write($0) }, errors: { screen.write($0) }),
      draw: { screen.write($0) })
    let client = try RegistryClient(serverURL: registry.url, apiKey: FakeRegistry.key, transport: transport)
    let summary = await UploadSession(client: client, channel: "c0", reporter: bar).run(checked)
    #expect(summary.exitCode == 0)
    #expect(screen.text.filter { $0.hasPrefix("uploaded") }.count == 3)
    #expect(screen.text.contains { $0.hasSuffix("] 100%  37.0 kB of 37.0 kB  2 of 3 files") })
    #expect(registry.packages.values.allSatisfy { $0.count == 12_345 })
  }

  // MARK: - Checking files

  @Test func allMistakesAreToldTogether() throws {
    let files = try TemporaryFiles([
      "good-1-0.conda": [], "good-1-0.tar.bz2": [], "notes.txt": [], ".conda": [],
    ])
    let folder = files.folder
    let paths = [
      "good-1-0.conda", "good-1-0.tar.bz2", "notes.txt", ".conda", "missing-1-0.conda",
      "../\(folder.split(separator: "/").last!)/good-1-0.conda",
    ].map { "\(folder)/\($0)" }
    let mistakes = #expect(throws: UploadFile.Mistakes.self) { try UploadFile.check(paths + [folder]) }
    let lines = try #require(mistakes).lines.map { $0.replacingOccurrences(of: folder + "/", with: "") }
    #expect(lines.count == 5)
    #expect(lines[0] == "notes.txt: not a package, expected a name that ends in .conda or .tar.bz2")
    #expect(lines[1].hasPrefix(".conda: not a package"))
    #expect(lines[2] == "missing-1-0.conda: No such file or directory")
    #expect(lines[3].hasSuffix("has the same name as good-1-0.conda"))
    #expect(lines[4].contains("not a package"))
  }

  @Test func aFolderIsNoPackage() throws {
    let files = try TemporaryFiles([:])
    let path = files.folder + "/x-1-0.conda"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let mistakes = #expect(throws: UploadFile.Mistakes.self) { try UploadFile.check([path]) }
    #expect(mistakes?.lines == ["\(path): not a regular file"])
  }
}
