import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore

/// `quetz run … --create-conf --dev` on a free port, in a temporary folder, ended when the body returns.
struct RunningServer: Sendable {
  let program: RunningProgram
  let folder: String
  let url: String
  /// The key that `--dev` printed.
  let key: String

  var deployment: String { folder + "/deployment" }

  static func with<Result: Sendable>(
    _ body: @Sendable (RunningServer) async throws -> Result
  ) async throws -> Result {
    let folder = NSTemporaryDirectory() + "quetz-e2e-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let program = try Program.quetz.start(
      ["run", folder + "/deployment", "--create-conf", "--dev", "--reload", "--port", "0"])
    guard try await program.waitForOutput("http://") else { throw StartFailure(errors: program.errors) }
    let lines = program.output.split(separator: "\n")
    guard let key = lines.first(where: { $0.contains("key created for user") })?.split(separator: " ").last
    else { throw StartFailure(errors: program.output) }
    let server = try RunningServer(program: program, folder: folder, key: String(key))
    return try await server.run(body)
  }

  /// Ends this server with `kill -9` at once, and starts another one on the same deployment.
  func killedAndStartedAgain<Result: Sendable>(
    _ body: @Sendable (RunningServer) async throws -> Result
  ) async throws -> Result {
    await kill()
    let program = try Program.quetz.start(["start", deployment, "--port", "0"])
    guard try await program.waitForOutput("http://") else { throw StartFailure(errors: program.errors) }
    return try await RunningServer(program: program, folder: folder, key: key).run(body)
  }

  struct StartFailure: Error { let errors: String }

  private init(program: RunningProgram, folder: String, key: String) throws {
    self.program = program
    self.folder = folder
    self.key = key
    let line = program.output.split(separator: "\n").first { $0.contains(" at http://") }
    guard let address = line?.split(separator: " ").last else { throw StartFailure(errors: program.output) }
    url = String(address)
  }

  private func run<Result: Sendable>(
    _ body: @Sendable (RunningServer) async throws -> Result
  ) async throws -> Result {
    let result: Swift.Result<Result, any Error>
    do { result = .success(try await body(self)) } catch { result = .failure(error) }
    await kill()
    return try result.get()
  }

  private func kill() async {
    program.send(signal: SIGKILL)
    _ = await program.outcome()
  }

  /// Sends a request and collects the answer.
  func send(
    _ method: HTTPRequest.Method = .get, _ path: String, headers: HTTPFields = [:],
    body: HTTPRequestBody = .none
  ) async throws -> (status: Int, text: String) {
    let transport = CurlTransport()
    let response = try await transport.send(
      HTTPRequest(method, url: url + path, headerFields: headers), body: body)
    let buffer = try await response.collect(upTo: 64 << 20)
    return (response.statusCode, String(buffer: buffer))
  }

  /// Writes a package into the folder and returns its path.
  func writePackage(_ bytes: [UInt8], named name: String) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }
}
