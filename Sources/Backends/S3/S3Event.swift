/// What a store has to tell its operator while it works; for the log.
public enum S3Event: Hashable, Sendable {
  /// The server refused a request as too old or too new; from now on requests are signed by its clock, which is
  /// so many seconds ahead of ours (behind, if negative).
  case clockSkew(seconds: Int64)
  /// No region was configured; this is the one the server has told.
  case regionFound(String)
  /// The bucket was missing and has been made.
  case bucketCreated(String)
}
