import CondaTypes

/// Which pieces of a section stay as they are, and which ranges of file names are rendered anew.
struct SplicePlan: Equatable, Sendable {
  enum Step: Equatable, Sendable {
    /// Pieces by their place in the old section.
    case keep(Range<Int>)
    /// The records from one file name to before another; nil is the beginning and the end.
    case render(from: String?, to: String?)
  }

  private(set) var steps: [Step] = []
  /// How many old pieces are replaced.
  let replacedCount: Int

  /// Everything is rendered.
  static let all = SplicePlan(steps: [.render(from: nil, to: nil)], replacedCount: .max)

  private init(steps: [Step], replacedCount: Int) {
    self.steps = steps
    self.replacedCount = replacedCount
  }

  /// - Parameters:
  ///   - firsts: The file names that the old pieces begin with, sorted by their bytes; the first one is empty.
  ///   - packages: The names of the packages that changed. A package's files are `<name>-<version>-<build>.…`.
  ///   - pieceRecords: One file name in so many begins a piece.
  ///   - firstFileName: The first file name there is now that does not sort before one.
  init(
    firsts: [String], packages: [String], pieceRecords: UInt32,
    firstFileName: (String) throws -> String?
  ) rethrows {
    var isReplaced = [Bool](repeating: false, count: firsts.count)
    for name in packages {
      // "-" and "." are neighbours: all that begins with "<name>-" lies between these two.
      let low = Self.index(of: name + "-", in: firsts)
      let high = max(low, Self.index(of: name + ".", in: firsts))
      for index in low...high { isReplaced[index] = true }
    }
    // The name that began a piece may be gone: then what is left of it belongs to the piece before.
    for index in isReplaced.indices.reversed() where index > 0 && isReplaced[index] && !isReplaced[index - 1]
    {
      guard let name = try firstFileName(firsts[index]), name != firsts[index] else { continue }
      let isOfNext = index + 1 < firsts.count && !name.precedesByBytes(firsts[index + 1])
      if !isOfNext, !ChunkBoundary.begins(name.utf8, oneIn: pieceRecords) { isReplaced[index - 1] = true }
    }
    replacedCount = isReplaced.count { $0 }
    steps = Self.steps(isReplaced, firsts)
  }

  private static func steps(_ isReplaced: [Bool], _ firsts: [String]) -> [Step] {
    var steps: [Step] = []
    var start = 0
    while start < firsts.count {
      var end = start + 1
      while end < firsts.count, isReplaced[end] == isReplaced[start] { end += 1 }
      steps.append(
        isReplaced[start]
          ? .render(from: start == 0 ? nil : firsts[start], to: end == firsts.count ? nil : firsts[end])
          : .keep(start..<end))
      start = end
    }
    return steps
  }

  /// The last piece that begins with this text or an earlier one.
  private static func index(of text: String, in firsts: [String]) -> Int {
    var low = 1
    var high = firsts.count
    while low < high {
      let middle = (low + high) / 2
      if text.precedesByBytes(firsts[middle]) { high = middle } else { low = middle + 1 }
    }
    return low - 1
  }
}
