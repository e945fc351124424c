extension S3Store {
  /// Removes the empty folders that some servers leave of objects: they list them as objects without bytes whose keys
  /// end in `/`. No blob has such a key.
  ///
  /// For a key prefix that is given up; the folders of blobs would only be made again.
  ///
  /// - Returns: How many there were.
  public func sweepFolders() async throws(BlobStoreError) -> Int {
    var folders: [String] = []
    do throws(S3Failure) {
      var tokens: Set<String> = []
      var token: String?
      repeat {
        let page = try await client.listObjects(prefix: names.prefix, after: token)
        folders += page.objects.filter { $0.size == 0 && $0.key.hasSuffix("/") }.map(\.key)
        token = page.nextToken
      } while token.map { tokens.insert($0).inserted } ?? false
      // What is in a folder goes before the folder.
      for folder in folders.sorted(by: { $0.utf8.count > $1.utf8.count }) {
        try await client.deleteObject(folder)
      }
    } catch {
      throw error.blobStoreError(nil, "removing empty folders")
    }
    return folders.count
  }
}
