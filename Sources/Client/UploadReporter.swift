/// Is told how uploads go; called from several tasks at once.
public protocol UploadReporter: Sendable {
  /// Whether `sent` is of use.
  var wantsProgress: Bool { get }
  /// An upload begins.
  func started(_ file: UploadFile)
  /// Bytes of a file that were handed to the network so far.
  func sent(_ bytes: Int64, of file: UploadFile)
  /// An upload is over.
  func finished(_ file: UploadFile, channel: String, _ outcome: UploadSession.Outcome)
}
