import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The right to run a deployment: one process at a time, by an advisory lock on `quetz.lock`.
///
/// The kernel releases the lock when the process ends, however it ends; the file's text only says who holds it.
package final class DeploymentLock: Sendable {
  private let descriptor: Int32

  /// - Throws: `DeploymentError.inUse` with the holder's own words.
  package init(_ deployment: Deployment) throws {
    descriptor = open(deployment.lockFile, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw DeploymentError.unwritable(deployment.lockFile, reason: String(cString: strerror(errno)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? String(contentsOfFile: deployment.lockFile, encoding: .utf8)) ?? "another process"
      close(descriptor)
      throw DeploymentError.inUse(deployment.root, holder: holder.isEmpty ? "another process" : holder)
    }
    let text = "process \(getpid()) on \(ProcessInfo.processInfo.hostName) since \(Timestamp.rfc3339(Date()))"
    ftruncate(descriptor, 0)
    _ = text.utf8CString.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count - 1, 0) }
  }

  deinit { close(descriptor) }
}

/// Why a deployment cannot be made or used; each says what to do.
package enum DeploymentError: Error, Hashable, Sendable, CustomStringConvertible {
  case inUse(String, holder: String)
  case unwritable(String, reason: String)
  case exists
  case notAllowed(String)
  case notADeployment(String)
  case noConfiguration
  case configurationToCopyMissing(String)
  case addressInUse(String, port: Int)
  /// A store that cannot be used: the sentence says why and what to do.
  case storage(String)

  package var description: String {
    switch self {
    case .inUse(let path, let holder):
      "The deployment \(path) is in use by \(holder). Stop that server first."
    case .unwritable(let path, let reason):
      "Cannot write \(path): \(reason)."
    case .exists:
      "Use the start command to start a deployment or specify --delete with --copy-conf or --create-conf."
    case .notAllowed(let path):
      "Quetz deployment not allowed at \(path). The folder holds something besides config.toml."
    case .notADeployment(let path):
      "The specified directory is not a deployment (\(path)). Use the create or the run command to create one."
    case .noConfiguration:
      "No configuration file provided. Use --create-conf or --copy-conf."
    case .addressInUse(let host, let port):
      "Port \(port) of \(host) is in use by another program. Stop it, or choose another with --port."
    case .storage(let sentence):
      sentence
    case .configurationToCopyMissing(let path):
      "Config file to copy does not exist \(path)."
    }
  }
}
