/// One line for every file: for logs and pipes.
///
/// ```
/// uploaded pkg-1.0-0.conda (12.3 kB) to channel0
/// skipped pkg-1.1-0.conda: already exists
/// failed pkg-1.2-0.conda: 409 Duplicate
/// ```
public struct LineReporter: UploadReporter {
  /// Writes a line, which has no line break, to stdout or stderr.
  public typealias Writer = @Sendable (_ line: String) -> Void

  private let out: Writer?
  private let errors: Writer

  /// - Parameters:
  ///   - out: Gets good news; `nil` is quiet.
  ///   - errors: Gets bad news.
  public init(out: Writer?, errors: @escaping Writer) {
    self.out = out
    self.errors = errors
  }

  /// No: a line is written when all is over.
  public var wantsProgress: Bool { false }
  /// Says nothing.
  public func started(_ file: UploadFile) {}
  /// Says nothing.
  public func sent(_ bytes: Int64, of file: UploadFile) {}

  /// Writes the file's line.
  public func finished(_ file: UploadFile, channel: String, _ outcome: UploadSession.Outcome) {
    switch outcome {
    case .uploaded: out?("uploaded \(file.path) (\(ByteCount(file.size))) to \(channel)")
    case .skipped: out?("skipped \(file.path): already exists")
    case .failed(let error): errors("failed \(file.path): \(Self.explain(error))")
    case .notTried: errors("not tried \(file.path)")
    }
  }

  private static func explain(_ error: RegistryError) -> String {
    guard case .refused(let refusal) = error, refusal.status >= 500, let id = refusal.requestID else {
      return error.description
    }
    return "\(error) (request \(id))"
  }
}
