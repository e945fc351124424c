import CondaTypes
import Foundation
import Server

/// Keeps a verification from going on: in the place of a file stands a pipe, which opens once somebody writes to it.
final class VerificationHold: Sendable {
  private let pipe: String

  init(at digest: Digest, in deployment: Deployment) throws {
    pipe = deployment.root + "/pipe"
    let place = deployment.documentFile(digest)
    try FileManager.default.removeItem(atPath: place)
    // Of two names, since the server may put a new file in the place.
    guard mkfifo(place, 0o600) == 0, link(place, pipe) == 0 else { throw POSIXError(.EIO) }
  }

  /// Lets the verification go on, which finds no file there; to be called before the server ends.
  func release() {
    // Open for both, it opens for those who wait and those who come until it is closed. Nobody who comes later finds it:
    // who waited has removed it.
    let descriptor = open(pipe, O_RDWR)
    unlink(pipe)
    released.append(descriptor)
  }

  private let released = Descriptors()

  /// Closed with the test.
  private final class Descriptors: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [Int32] = []
    func append(_ descriptor: Int32) { lock.withLock { all.append(descriptor) } }
    deinit { for descriptor in all where descriptor >= 0 { close(descriptor) } }
  }
}
