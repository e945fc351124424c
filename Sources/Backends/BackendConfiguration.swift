/// Which backend a store is to use, and with which options: what the configuration file says, as a value.
public enum BackendConfiguration: Hashable, Sendable {
  /// Bytes in this process's memory, gone when it ends: for tests and trials.
  case memory
  /// Files below the folder `root`, which is created if it is missing.
  case fileSystem(root: String, durability: FileSystemStore.Durability = .powerLoss)

  /// Makes the store. Meant to be called once per store, when the application is put together.
  ///
  /// - Throws: What the store's own initialiser throws, e.g. `.permissionDenied` if `root` cannot be written.
  public func makeStore() throws(BlobStoreError) -> any BlobStore {
    switch self {
    case .memory: MemoryStore()
    case .fileSystem(let root, let durability): try FileSystemStore(root: root, durability: durability)
    }
  }
}
