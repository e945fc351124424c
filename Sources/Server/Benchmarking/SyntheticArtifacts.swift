import CondaTypes

/// Artifacts that never existed, for benchmarks: as many as wanted, always the same ones, names skewed as in reality.
///
/// conda-forge's linux-64 has about 16 records per name, most names have a handful and the largest 0.3 % of all records;
/// a power law with a flattened head comes close. A record is about 500 bytes of JSON.
struct SyntheticArtifacts: Sendable {
  /// One artifact, as if it had been read from its file.
  struct Item: Sendable {
    let artifact: ValidatedArtifact
    let file: ArtifactFileFacts
  }

  /// Records per name, the largest first.
  let counts: [Int]

  init(records: Int) {
    let names = max(1, records * 6 / 100)
    let weights = (0..<names).map { 1 / Self.power(Double($0 + 20)) }
    let total = weights.reduce(0, +)
    var counts = weights.map { max(1, Int($0 / total * Double(records))) }
    var rest = records - counts.reduce(0, +)
    var rank = 0
    while rest != 0 {
      let step = rest > 0 ? 1 : (counts[rank] > 1 ? -1 : 0)
      counts[rank] += step
      rest -= step
      rank = (rank + 1) % names
    }
    self.counts = counts.sorted(by: >)
  }

  /// Visits (rank of the name, number within the name) of all records: the names take turns, as they do in life.
  func forEach(_ visit: (Int, Int) async throws -> Void) async rethrows {
    var number = 0
    var names = counts.count
    while names > 0 {
      for rank in 0..<names { try await visit(rank, number) }
      number += 1
      while names > 0, counts[names - 1] <= number { names -= 1 }
    }
  }

  /// Makes the artifact with this place.
  func item(rank: Int, number: Int) throws -> Item {
    let name = Self.name(rank)
    let version = "\(1 + number / 600).\(number / 30 % 20).\(number / 3 % 10)"
    let python = ["py310", "py311", "py312"][number % 3]
    let format: ArtifactFormat = rank % 10 == 9 ? .tarBzip2 : .conda
    let seed = try Digest.sha256(of: Array("\(name)-\(version)-\(python)".utf8))
    // What looks alike in the digests would make documents smaller than real ones are.
    let noise = try Digest.sha256(of: seed.bytes)
    let build = "\(python)h\(noise.hex.suffix(7))_0"
    let artifactName = try ArtifactName(
      name: PackageName(parsing: name), version: version, build: BuildString(parsing: build), format: format)
    let json = Self.indexJSON(
      name: name, version: version, build: build, python: python, rank: rank, number: number)
    let index = try IndexJSON.parse(Array(json.utf8)).get()
    var about = AboutJSON()
    about.summary = "Synthetic package number \(rank)"
    about.home = "https://example.org/\(name)"
    about.license = "BSD-3-Clause"
    var runExports: RunExports?
    if rank % 20 == 7 {
      let text = #"{"weak":["\#(name) >=\#(version),<2.0a0"]}"#
      runExports = try RunExports.parse(Array(text.utf8)).get()
    }
    let artifact = ValidatedArtifact(
      name: artifactName, index: index, about: about, runExports: runExports,
      paths: PathsSummary(fileCount: 9))
    let md5 = try Digest(algorithm: .md5, bytes: Array(noise.bytes.prefix(16)))
    return Item(
      artifact: artifact,
      file: ArtifactFileFacts(size: 20_000 + Int64(number) * 7, sha256: seed, md5: md5))
  }

  private static func name(_ rank: Int) -> String {
    let words = ["lib", "py", "r-", "perl-", "rust-", "go-", "node-", "gcc-", "cuda-", "qt-"]
    let tails = ["tools", "core", "data", "io", "net", "math", "image", "text", "crypto", "graph", "web"]
    return "\(words[rank % words.count])\(tails[rank % tails.count])-\(rank)"
  }

  private static func indexJSON(
    name: String, version: String, build: String, python: String, rank: Int, number: Int
  ) -> String {
    // Everyone depends on the popular ones.
    let others = (1...4).map { "\"\(Self.name(($0 * 7 + rank) % 40)) >=1.\($0),<2.0a0\"" }
    let minor = python.dropFirst(3)
    let depends =
      ["\"python >=3.\(minor),<3.\(minor).99\"", "\"python_abi 3.\(minor).* *_cp3\(minor)\""] + others
    return """
      {"arch":"x86_64","build":"\(build)","build_number":0,"depends":[\(depends.joined(separator: ","))],\
      "license":"BSD-3-Clause","name":"\(name)","platform":"linux","subdir":"linux-64",\
      "timestamp":\(1_500_000_000_000 + Int64(number) * 86_400_000),"version":"\(version)"}
      """
  }

  /// x^0.8, near enough, without Foundation's maths: x / x^0.2 by four rounds of Newton for the fifth root.
  private static func power(_ value: Double) -> Double {
    var root = 2.0
    for _ in 0..<40 { root -= (root * root * root * root * root - value) / (5 * root * root * root * root) }
    return value / root
  }
}
