import CurlHTTP

/// Uploads several files to one channel, some at a time, and tells what became of each.
public struct UploadSession: Sendable {
  /// What to do about files that are there already, and how many to send at a time.
  public struct Options: Hashable, Sendable {
    /// Replace packages of the same name.
    public var force = false
    /// A package that is there already counts as done.
    public var skipExisting = false
    /// Uploads at the same time.
    public var jobs = 4

    /// Neither, and four.
    public init() {}
  }

  /// What became of one file.
  public enum Outcome: Sendable {
    /// The server has it.
    case uploaded
    /// The server had one of that name, which `skipExisting` accepts.
    case skipped
    /// It does not have it.
    case failed(RegistryError)
    /// Not sent, because an earlier failure concerns every file.
    case notTried
  }

  /// What became of all of them.
  public struct Summary: Sendable {
    /// In the order in which the files were given.
    public let outcomes: [(file: UploadFile, outcome: Outcome)]
  }

  private let client: RegistryClient
  private let channel: String
  private let options: Options
  private let reporter: any UploadReporter

  /// Makes a session; nothing is sent before `run`.
  public init(
    client: RegistryClient, channel: String, options: Options = .init(), reporter: any UploadReporter
  ) {
    self.client = client
    self.channel = channel
    self.options = options
    self.reporter = reporter
  }

  /// Uploads the files. After a failure that every further file would meet too (no connection, wrong key) no new
  /// upload begins.
  public func run(_ files: [UploadFile]) async -> Summary {
    let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
      var outcomes = [Outcome](repeating: .notTried, count: files.count)
      var remaining = Array(files.enumerated())[...]
      func startNext() {
        guard let (index, file) = remaining.popFirst() else { return }
        group.addTask { (index, await upload(file)) }
      }
      for _ in 0..<max(1, options.jobs) { startNext() }
      while let (index, outcome) = await group.next() {
        outcomes[index] = outcome
        if outcome.concernsEveryFile { remaining = [] }
        startNext()
      }
      return outcomes
    }
    for (file, outcome) in zip(files, outcomes) {
      if case .notTried = outcome { reporter.finished(file, channel: channel, .notTried) }
    }
    return Summary(outcomes: Array(zip(files, outcomes)))
  }

  private func upload(_ file: UploadFile) async -> Outcome {
    reporter.started(file)
    let outcome = await outcome(of: file)
    reporter.finished(file, channel: channel, outcome)
    return outcome
  }

  private func progress(of file: UploadFile) -> (@Sendable (Int64) -> Void)? {
    guard reporter.wantsProgress else { return nil }
    return { [reporter] sent in reporter.sent(sent, of: file) }
  }

  private func outcome(of file: UploadFile) async -> Outcome {
    do {
      try await client.upload(
        file: file.path, toChannel: channel, force: options.force, progress: progress(of: file))
      return .uploaded
    } catch {
      if options.skipExisting, case .refused(let refusal) = error, refusal.status == 409 { return .skipped }
      return .failed(error)
    }
  }
}

extension UploadSession.Outcome {
  /// Whether the next file would fail in the same way.
  var concernsEveryFile: Bool {
    switch self {
    case .failed(.refused(let refusal)): refusal.status == 401
    case .failed(.transport(let error)): error.isConnectFailure
    default: false
    }
  }
}

extension UploadSession.Summary {
  /// What a shell is told: 0 all uploaded or skipped, 1 something was refused or went wrong, 3 the server could
  /// not be reached (and nothing was refused).
  public var exitCode: Int32 {
    var code: Int32 = 0
    for case .failed(let error) in outcomes.map(\.outcome) {
      guard case .transport = error else { return 1 }
      code = 3
    }
    return code
  }
}
