/// Where sorted lists of names are cut into chunks: by the names alone, so that equal lists are cut alike whatever their
/// history, and a change moves the cuts beside it at most.
public enum ChunkBoundary {
  /// Whether a name begins a chunk: FNV-1a of its bytes decides.
  ///
  /// - Parameters:
  ///   - name: Its bytes.
  ///   - count: One name in so many begins one.
  public static func begins(_ name: some Sequence<UInt8>, oneIn count: UInt32) -> Bool {
    let hash = name.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return (hash >> 8) % count == 0
  }
}
