import Synchronization

/// Where the downloads of one artifact are counted: four words, in a journal or on their own.
///
/// ```
/// 0     count        since the slot was first used; it only grows
/// 1, 2  written      what the count was when it was taken for an even, and for an odd generation
/// 3     artifact     `ResolvedArtifact.key`
/// ```
/// Nothing is ever subtracted from the count, so that those who count and the one who takes need not wait for each other.
struct DownloadSlot: @unchecked Sendable {
  static let words = 4

  private let memory: UnsafeMutablePointer<Atomic<Int>>

  /// A slot in memory that somebody else keeps.
  init(at memory: UnsafeMutablePointer<Atomic<Int>>) { self.memory = memory }

  /// A slot in memory of its own, which is kept until `free`.
  static func allocate() -> DownloadSlot {
    let memory = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: words)
    for word in 0..<words { (memory + word).initialize(to: Atomic(0)) }
    return DownloadSlot(at: memory)
  }

  func free() {
    memory.deinitialize(count: Self.words)
    memory.deallocate()
  }

  /// Whose downloads are counted; to be set before anybody counts.
  var artifact: Int64 {
    get { Int64(memory[3].load(ordering: .relaxed)) }
    nonmutating set { memory[3].store(Int(newValue), ordering: .relaxed) }
  }

  func add(_ more: Int) { memory[0].add(more, ordering: .releasing) }

  /// Notes what the count is in a generation.
  ///
  /// - Returns: What was counted since the generation before.
  func take(in generation: Int) -> Int {
    let count = memory[0].load(ordering: .acquiring)
    write(count, in: generation)
    return count - written(in: generation - 1)
  }

  /// Whether nothing was counted since a generation.
  func isLevel(with generation: Int) -> Bool {
    memory[0].load(ordering: .acquiring) == written(in: generation)
  }

  /// Forgets what was before a generation: nobody counts here any more, and whoever comes next begins at nothing.
  func settle(in generation: Int) { write(written(in: generation), in: generation - 1) }

  private func written(in generation: Int) -> Int { memory[1 + (generation & 1)].load(ordering: .relaxed) }

  private func write(_ count: Int, in generation: Int) {
    // A page that is not written to stays clean, and need not go to the disk.
    if written(in: generation) != count { memory[1 + (generation & 1)].store(count, ordering: .relaxed) }
  }
}
