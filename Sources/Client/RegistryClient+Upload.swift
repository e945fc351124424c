import APITypes
import CurlHTTP
import Foundation

extension RegistryClient {
  /// Uploads a package under its own file name; the file is read twice, first for its SHA-256, then to be sent.
  ///
  /// - Parameters:
  ///   - file: Path of a `.conda` or `.tar.bz2` file.
  ///   - channel: The channel's name.
  ///   - force: Whether to replace a package of that name.
  ///   - progress: Called now and then with the bytes handed to the network so far; starts over with every try.
  /// - Throws: `.refused` with 409 if the package exists, 401 and 403 for the key, 400, 406 or 422 for the file;
  ///   `.transport` if there is no answer.
  public func upload(
    file: String, toChannel channel: String, force: Bool = false,
    progress: (@Sendable (Int64) -> Void)? = nil
  ) async throws(RegistryError) {
    let digest = try await FileDigest.compute(ofFileAt: file)
    let name = URL(fileURLWithPath: file).lastPathComponent
    let path = APIPath.upload(name, to: channel, sha256: digest.sha256, force: force)
    try await sendPackage(path) {
      if let progress {
        .stream(size: digest.size, FileChunks(path: file, size: digest.size, progress: progress))
      } else {
        .file(path: file, size: digest.size)
      }
    }
  }
}
