/// Why zstd data could not be written or read.
public enum ZstdError: Error, Sendable, Hashable {
  /// There is not enough memory for a context.
  case outOfMemory
  /// zstd refuses the level, the declared size, or the data; its own words.
  case refused(String)
  /// The data ends inside a frame, or holds none.
  case truncated
  /// More than `limit` bytes would come out.
  case tooLarge(limit: Int64)
}
