import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One of our built executables, run as a user would.
struct Program: Sendable {
  let path: String

  static let quetz = Program(named: "quetz")
  static let client = Program(named: "quetz-client")

  /// The executables lie beside the test bundle, in the same build folder.
  private init(named name: String) {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/",
      !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent(name).path)
    {
      folder.deleteLastPathComponent()
    }
    path = folder.appendingPathComponent(name).path
  }

  /// What a finished run left.
  struct Outcome: Sendable {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// Runs to the end.
  func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
  ) async throws -> Outcome {
    try await start(arguments, environment: environment, input: input).outcome()
  }

  /// Starts and goes on.
  func start(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
  ) throws -> RunningProgram {
    try RunningProgram(path: path, arguments: arguments, environment: environment, input: input)
  }
}

/// A running executable; its output goes to files, which outlive it.
struct RunningProgram: Sendable {
  let processID: pid_t
  private let folder: String

  init(path: String, arguments: [String], environment: [String: String], input: String) throws {
    folder = NSTemporaryDirectory() + "quetz-program-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try input.write(toFile: folder + "/in", atomically: false, encoding: .utf8)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, folder + "/in", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", O_WRONLY | O_CREAT, 0o600)
    // Nothing of the developer's own settings may leak in.
    var clean = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("QUETZ_") }
    clean.merge(environment) { _, given in given }
    var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = clean.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argv + envp { free(pointer) } }
    var processID: pid_t = 0
    let status = posix_spawn(&processID, path, &actions, nil, &argv, &envp)
    guard status == 0 else { throw POSIXError(POSIXErrorCode(rawValue: status) ?? .EIO) }
    self.processID = processID
  }

  /// Everything on standard output so far.
  var output: String { (try? String(contentsOfFile: folder + "/out", encoding: .utf8)) ?? "" }

  /// Everything on standard error so far.
  var errors: String { (try? String(contentsOfFile: folder + "/err", encoding: .utf8)) ?? "" }

  /// Waits until standard output holds a text; false if the program ends first, or ten minutes pass (all suites at once on a
  /// busy machine take their time).
  func waitForOutput(_ text: String) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(600)
    while ContinuousClock.now < deadline {
      if output.contains(text) { return true }
      if hasEnded { return output.contains(text) }
      try await Task.sleep(for: .milliseconds(10))  // another process's output has no event to wait for
    }
    return false
  }

  private var hasEnded: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(processID), &information, WEXITED | WNOHANG | WNOWAIT) != 0
      || information.si_signo != 0
  }

  /// Sends a signal, unless the program has ended: its number may be another's by then.
  func send(signal: Int32) {
    if !hasEnded { kill(processID, signal) }
  }

  /// Waits for the end, on a thread of its own, and takes the output along. 128 + N stands for signal N.
  func outcome() async -> Program.Outcome {
    let exitCode = await withCheckedContinuation { continuation in
      Thread { [processID] in
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        continuation.resume(returning: signal == 0 ? (status >> 8) & 0xff : 128 + signal)
      }.start()
    }
    let outcome = Program.Outcome(exitCode: exitCode, output: output, errors: errors)
    try? FileManager.default.removeItem(atPath: folder)
    return outcome
  }
}
