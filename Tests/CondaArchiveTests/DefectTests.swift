import CondaArchive
import CondaTypes
import TestSupport
import Testing

/// Everything that `PackageBuilder` can make wrong, each refused for its own reason.
@Suite struct DefectTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let defect: PackageDefect
    let format: ArtifactFormat
    var testDescription: String { "\(defect) (\(format.rawValue))" }
  }

  static func cases(_ defects: [PackageDefect]) -> [Case] {
    defects.flatMap { defect in defect.formats.map { Case(defect: defect, format: $0) } }
  }

  @Test(arguments: cases(PackageDefect.archive))
  func refusesAnArchiveWithADefect(example: Case) throws {
    let good = PackageBuilder(format: example.format)
    let bad = example.defect.applied(to: good)
    #expect(try refusal(good.bytes(), as: good.fileName) == nil)
    let code = try refusal(bad.bytes(), as: bad.fileName)
    #expect(code == example.defect.code)
  }

  @Test(arguments: cases(PackageDefect.metadata))
  func passesOnBadMetadataOfASoundArchive(example: Case) throws {
    let bad = example.defect.applied(to: PackageBuilder(format: example.format))
    #expect(try refusal(bad.bytes(), as: bad.fileName) == nil)
  }

  @Test func refusesMembersNamedAfterAnotherArtifact() throws {
    let package = PackageBuilder()
    #expect(try refusal(package.bytes(), as: "demo-1.1-0.conda") == "wrong_member_name")
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesTheOtherFormatUnderThisName(format: ArtifactFormat) throws {
    var package = PackageBuilder(format: format)
    let name = package.fileName
    package.format = format == .conda ? .tarBzip2 : .conda
    #expect(try refusal(package.bytes(), as: name) == (format == .conda ? "not_zip" : "not_bzip2"))
  }

  @Test func refusesOtherCompressionOfATar() throws {
    let tar = try ArchiveWriting.tar([ArchiveFile("info/index.json", text: "{}")])
    let name = "demo-1.0-0.tar.bz2"
    #expect(try refusal(tar, as: name) == "not_bzip2")
    #expect(try refusal(ArchiveWriting.gzip(tar), as: name) == "not_bzip2")
    #expect(try refusal(ArchiveWriting.bzip2(ArchiveWriting.bzip2(tar)), as: name) == "not_bzip2")
    #expect(try refusal(ArchiveWriting.bzip2(tar), as: name) == nil)
  }

  @Test func everyErrorHasItsOwnSentence() {
    let errors: [ArchiveError] = [
      .emptyFile, .zipEndMissing, .missingMember(.pkg), .damaged(.zstd, detail: "x"),
      .unsafePath("/a", .absolute),
      .tooManyEntries(limit: 3), .tookTooLong(limit: .seconds(1)), .unsafePath("", .empty),
      .notAFolder("info"),
    ]
    #expect(Set(errors.map(\.description)).count == errors.count)
    #expect(errors.allSatisfy { $0.description.contains(" ") })
  }
}
