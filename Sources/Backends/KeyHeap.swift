/// What a walk over keys has seen and not yet given out: a binary heap with the smallest key on top.
struct KeyHeap<Value> {
  private var heap: [(smallestKey: [UInt8], value: Value)] = []

  /// Adds a blob with its own key, or a folder with the smallest key that it can hold.
  mutating func insert(_ value: Value, smallestKey: [UInt8]) {
    heap.append((smallestKey, value))
    var child = heap.count - 1
    while child > 0, isSmaller(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out what has the smallest key; `nil` if nothing is left.
  mutating func popSmallest() -> Value? {
    guard !heap.isEmpty else { return nil }
    heap.swapAt(0, heap.count - 1)
    let smallest = heap.removeLast()
    var parent = 0
    while 2 * parent + 1 < heap.count {
      var child = 2 * parent + 1
      if child + 1 < heap.count, isSmaller(child + 1, child) { child += 1 }
      guard isSmaller(child, parent) else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return smallest.value
  }

  private func isSmaller(_ left: Int, _ right: Int) -> Bool {
    heap[left].smallestKey.lexicographicallyPrecedes(heap[right].smallestKey)
  }
}
