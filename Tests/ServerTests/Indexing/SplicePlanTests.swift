import CondaTypes
import Testing

@testable import Server

/// Which pieces of a document a change touches.
@Suite struct SplicePlanTests {
  /// A section as it is cut, with one file name in four beginning a piece.
  private struct Section {
    static let pieceRecords: UInt32 = 4
    var files: [String]

    init(_ files: [String]) { self.files = files.sorted { $0.precedesByBytes($1) } }

    /// What a rendering of all of it would cut.
    var pieces: [(first: String, files: [String])] { Self.cut(files, from: nil) }

    static func cut(_ files: [String], from start: String?) -> [(first: String, files: [String])] {
      var pieces: [(first: String, files: [String])] = start == nil ? [("", [])] : []
      for file in files {
        if ChunkBoundary.begins(file.utf8, oneIn: pieceRecords) { pieces.append((file, [])) }
        pieces[pieces.count - 1].files.append(file)
      }
      return pieces
    }

    func plan(from old: Section, changed packages: [String]) -> SplicePlan {
      SplicePlan(
        firsts: old.pieces.map(\.first), packages: packages, pieceRecords: Self.pieceRecords
      ) { start in files.first { !$0.precedesByBytes(start) } }
    }

    /// The pieces that come of a plan.
    func spliced(from old: Section, _ plan: SplicePlan) -> [(first: String, files: [String])] {
      plan.steps.flatMap { step -> [(first: String, files: [String])] in
        switch step {
        case .keep(let range): return Array(old.pieces[range])
        case .render(let start, let end):
          let range = files.filter { file in
            !(start.map { file.precedesByBytes($0) } ?? false)
              && (end.map { file.precedesByBytes($0) } ?? true)
          }
          return Self.cut(range, from: start)
        }
      }
    }
  }

  private static func files(of package: String, versions: Range<Int>) -> [String] {
    versions.map { "\(package)-1.\($0)-0.conda" }
  }

  @Test func nothingChangedKeepsEverything() {
    let section = Section(Self.files(of: "a", versions: 0..<40))
    let plan = section.plan(from: section, changed: [])
    #expect(plan.steps == [.keep(0..<section.pieces.count)])
    #expect(plan.replacedCount == 0)
  }

  @Test func anUploadReplacesThePiecesOfItsPackage() {
    let others = ["a", "b", "c", "d", "e", "f", "g", "h"].flatMap { Self.files(of: $0, versions: 0..<20) }
    let old = Section(others)
    let new = Section(others + ["d-1.99-0.conda"])
    let plan = new.plan(from: old, changed: ["d"])
    #expect(plan.replacedCount < old.pieces.count / 3)
    #expect(new.spliced(from: old, plan).map(\.files) == new.pieces.map(\.files))
  }

  /// A history of uploads and deletions: what is spliced is what a rendering of everything would be, cut in the same places.
  @Test(arguments: 0..<8) func splicesEqualWhatIsMadeAnew(seed: UInt64) {
    var random = SplitMix(state: seed)
    let names = ["a", "a-b", "a-b-c", "a.b", "a0", "ab", "b", "c-", "d_e", "z"]
    var files: Set<String> = []
    var old = Section([])
    for _ in 0..<200 {
      var changed: Set<String> = []
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let name = names.randomElement(using: &random) ?? ""
        let file = "\(name)-\(Int.random(in: 0..<12, using: &random))-0.conda"
        if files.remove(file) == nil { files.insert(file) }
        changed.insert(name)
      }
      let new = Section(Array(files))
      let plan = new.plan(from: old, changed: changed.sorted())
      let spliced = new.spliced(from: old, plan)
      #expect(spliced.map(\.first) == new.pieces.map(\.first))
      #expect(spliced.map(\.files) == new.pieces.map(\.files))
      old = new
    }
  }

  private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
