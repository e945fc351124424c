import CondaTypes
import Testing

@Suite struct MatchSpecTests {
  static let record: [String: JSONValue] = [
    "name": "numpy", "version": "1.8.2", "build": "py27_0", "build_number": 3, "subdir": "linux-64",
    "license": "BSD-3-Clause", "license_family": "BSD", "md5": .string(String(repeating: "ab", count: 16)),
    "sha256": .string(String(repeating: "cd", count: 32)), "track_features": "mkl nomkl", "size": 77,
    "flags": ["cuda:12", "blas"],
  ]
  static let candidate = MatchCandidate(
    members: record, fileName: "numpy-1.8.2-py27_0.conda",
    url: "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.8.2-py27_0.conda",
    channelURL: "https://conda.anaconda.org/conda-forge/")

  static let matching = [
    "numpy", "*", "NumPy", "num*", "^num.*$", " numpy ", "numpy # a comment", "numpy 1.8.2", "numpy==1.8.2",
    "numpy=1.8", "numpy =1.8", "numpy 1.8.*", "numpy>=1.8", "numpy >=1.8,<2", "numpy >=1.8 , <2",
    "numpy=1.8.*=*",
    "numpy 1.8.2 py27_0", "numpy=1.8.2=py27_0", "numpy==1.8.2=py27_0", "numpy =1.8 py27_0", "numpy ==1.8.* *",
    "numpy 1.8.2 py*", "numpy >=1.8,<2 py27_0", "numpy >=1.8|3 =py27_0", "numpy * py27_0",
    "numpy 1.8.2 ^py.*$",
    "conda-forge::numpy", "conda-forge/linux-64::numpy", "conda-forge:ns:numpy=1.8", "ns:numpy", "::numpy",
    "https://conda.anaconda.org/conda-forge::numpy",
    "https://conda.anaconda.org/conda-forge/linux-64::numpy=1.8",
    "*/linux-64::numpy", "conda-*::numpy", "numpy[version=1.8.2]", "numpy[version='>=1.8,<2']",
    "numpy[version=\">=1.8|3\", build=py27_0]", "numpy[build='py*',build_number='>=3']",
    "numpy[build_number=3]",
    "numpy[build_number=\"<4\"]", "numpy[build_number='!=2']", "numpy[subdir=linux-64]",
    "numpy[subdir=linux-*]",
    "numpy[license=bsd-3-clause]", "numpy[license_family=BSD]", "*[md5=abababababababababababababababab]",
    "numpy[track_features='mkl,nomkl']", "numpy[track_features=mkl]", "numpy[size=77]",
    "numpy[flags=[blas, 'cuda:*']]",
    "numpy[channel=conda-forge]", "numpy[fn=numpy-1.8.2-py27_0.conda]", "numpy 1.7[version=1.8.2]",
    "numpy[name=other]", "numpy[when='python >=3',extras=[a,b]]", "numpy[version=1.8.2 build=py27_0]",
    "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.8.2-py27_0.conda",
    "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.8.2-py27_0.conda#abababababababababababababababab",
    "numpy[build='^py(27|34)_[0-9]$']",
  ]

  @Test(arguments: matching) func wants(spec: String) throws {
    #expect(try MatchSpec(parsing: spec).matches(Self.candidate))
  }

  static let notMatching = [
    "scipy", "nump", "numpy 1.8", "numpy==1.8", "numpy=1.8=*", "numpy=1.8=py27_0", "numpy 1.8.2 py34_0",
    "numpy =1.7 *", "numpy<1.8", "bioconda::numpy", "conda-forge/noarch::numpy", "numpy[subdir=noarch]",
    "numpy[license=MIT]", "numpy[noarch=python]", "numpy[build_number='>3']", "numpy[track_features='mkl,x']",
    "*[md5=00ababababababababababababababab]", "numpy[features=x]", "numpy[flags=[rocm]]",
    "numpy[fn=x.conda]",
    "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.8.2-py27_0.tar.bz2",
    "https://conda.anaconda.org/conda-forge/linux-64/numpy-1.8.2-py27_0.conda#00ababababababababababababababab",
  ]

  @Test(arguments: notMatching) func doesNotWant(spec: String) throws {
    #expect(try !MatchSpec(parsing: spec).matches(Self.candidate))
  }

  @Test(arguments: [
    "", " ", "# comment", "=1.8", "numpy >=", "numpy >=1.8,", "numpy 1.8 a b", "numpy[", "numpy]",
    "numpy[version]",
    "numpy[version=]", "numpy[version='1.8]", "numpy[verison=1.8]", "numpy[build=a,build=b]",
    "numpy[build=a,]",
    "numpy[md5=xyz]", "numpy[sha256=abab]", "numpy[build_number=x]", "numpy[build_number='>=']",
    "numpy 1.8@x",
    "num/py", "^num", "^num(?=x)$", "conda-forge::", "https://host/numpy.txt", "numpy=1.8=a=b", "numpy[a b]",
    "numpy[version=1.8] py27", "numpy=>1.8", "numpy 1.8 (a)", "numpy[flags=[a]",
  ])
  func refusesWhatIsNoSpec(text: String) {
    #expect(throws: ParseError.self) { try MatchSpec(parsing: text) }
  }

  @Test func aHashInsideBracketsIsNoComment() throws {
    let spec = try MatchSpec(parsing: "numpy[build='a#b'] # really")
    #expect(spec.build?.exactText == "a#b")
  }

  @Test func brokenAndLongTextsAreRefusedQuickly() {
    var generator = SeededGenerator(seed: 3)
    let signs = [
      "[", "]", "'", "\"", "\\", ",", "|", "(", ")", "=", ">", "!", "~", ":", "/", "#", "*", "^", "$", "a",
      "1", ".", " ", "é",
    ]
    let clock = ContinuousClock()
    let spent = clock.measure {
      for _ in 0..<20_000 {
        let count = Int.random(in: 0...24, using: &generator)
        let text = (0..<count).map { _ in signs.randomElement(using: &generator) ?? "" }.joined()
        _ = (try? MatchSpec(parsing: text))?.matches(Self.candidate)
      }
      for sign in signs { _ = try? MatchSpec(parsing: String(repeating: sign, count: 8192)) }
    }
    #expect(spent < .seconds(30))
  }

  @Test func whatTheCandidateDoesNotKnowIsNotAsked() throws {
    let bare = MatchCandidate(members: Self.record)
    #expect(try MatchSpec(parsing: "other::numpy[fn=x.conda]").matches(bare))
    #expect(try !MatchSpec(parsing: "numpy[noarch=python]").matches(bare))
  }

  @Test func keepsWhatTheSpecSaid() throws {
    let spec = try MatchSpec(parsing: "conda-forge/osx-64:ns:foo=1.0=py*[when='x',extras=[a,b]]")
    #expect(spec.channel?.exactText == "conda-forge" && spec.subdir?.exactText == "osx-64")
    #expect(spec.namespace == "ns" && spec.version?.description == "1.0" && spec.build == .glob("py*"))
    #expect(spec.condition == "x" && spec.extras == ["a", "b"])
  }
}
