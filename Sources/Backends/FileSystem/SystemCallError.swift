import Foundation

/// A system call's refusal, as the operating system put it; the ``BlobStoreError/underlying`` of what comes
/// of it.
struct SystemCallError: Error, Sendable, CustomStringConvertible {
  /// E.g. `rename`.
  let call: String
  /// What it was applied to.
  let path: String
  /// Its `errno`.
  let code: Int32

  var description: String { "\(call) '\(path)': \(String(cString: strerror(code)))" }
}

extension BlobStoreError {
  /// The error of the system call that has just failed. Must be made before anything else can change `errno`.
  ///
  /// `kindIfMissing` is what it means that there is nothing at `path`: `.notFound` where a blob is looked
  /// for.
  static func failed(
    _ call: String, at path: String, key: BlobKey? = nil, ifMissing kindIfMissing: Kind = .unexpected,
    errno code: Int32 = errno
  ) -> BlobStoreError {
    let cause = SystemCallError(call: call, path: path, code: code)
    let kind = code == ENOENT || code == ENOTDIR ? kindIfMissing : kind(ofErrno: code)
    return BlobStoreError(kind, key: key, message: cause.description, underlying: cause)
  }

  private static func kind(ofErrno code: Int32) -> Kind {
    switch code {
    case ENOSPC, EDQUOT: .outOfSpace
    case EACCES, EPERM, EROFS: .permissionDenied
    case EMFILE, ENFILE, EAGAIN, ENOMEM, EBUSY, ESTALE, ETIMEDOUT: .unavailable
    case ENAMETOOLONG: .invalidKey
    default: .unexpected
    }
  }
}

/// Repeats a system call that returns -1 on failure while a signal interrupts it.
@discardableResult
func repeatedIfInterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
  var result = call()
  while result == -1, errno == EINTR { result = call() }
  return result
}
