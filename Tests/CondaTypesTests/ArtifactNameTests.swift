import CondaTypes
import Testing

@Suite struct ArtifactNameTests {
  @Test(arguments: [
    ("numpy-1.26.4-py312h1234567_0.conda", "numpy", "1.26.4", "py312h1234567_0", ArtifactFormat.conda),
    ("_r-mutex-1.0.1-anacondar_1.tar.bz2", "_r-mutex", "1.0.1", "anacondar_1", .tarBzip2),
    ("a-b-c-1!2.0+l-0.conda", "a-b-c", "1!2.0+l", "0", .conda),
    ("x-1.conda-0.conda", "x", "1.conda", "0", .conda),
  ])
  func takesAFileNameApart(
    fileName: String, name: String, version: String, build: String, format: ArtifactFormat
  ) throws {
    let artifact = try ArtifactName(parsing: fileName)
    #expect(artifact.name.value == name)
    #expect(artifact.version == version)
    #expect(artifact.build.value == build)
    #expect(artifact.format == format)
    #expect(artifact.fileName == fileName)
    #expect(artifact.distribution + format.fileExtension == fileName)
  }

  @Test(arguments: [
    "", ".conda", "a.conda", "a-1.conda", "-1-0.conda", "a--0.conda", "a-1-.conda", "a-1-0", "a-1-0.zip",
    "a-1-0.CONDA",
    "a-1-0.tar.gz", "../a-1-0.conda", "a/b-1-0.conda", "a-..-0.conda", "a-1-0.conda\u{0}", "a-1\u{0}-0.conda",
    "A-1-0.conda", "a-1.0A-0.conda", "a-1..0-0.conda", "__a-1-0.conda", "\u{430}-1-0.conda",
    "a-1-0\u{301}.conda",
    "a-" + String(repeating: "1", count: 65) + "-0.conda", String(repeating: "a", count: 300) + "-1-0.conda",
  ])
  func refusesOthers(fileName: String) {
    #expect(throws: ParseError.self) { try ArtifactName(parsing: fileName) }
  }

  @Test func namesThePartThatIsWrong() {
    let error = #expect(throws: ParseError.self) { try ArtifactName(parsing: "a-1-b!.conda") }
    #expect(error?.subject == "build string")
    #expect(error?.found == "b!")
  }

  @Test func readsTheLongestNameThereIs() throws {
    let part = String(repeating: "1", count: 64)
    #expect(try ArtifactName(parsing: "\(part)-\(part)-\(part).tar.bz2").fileName.utf8.count == 202)
  }
}
