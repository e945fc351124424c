import APITypes
import CondaArchive
import CondaTypes
import Foundation
import TestSupport
import Testing

@testable import Server

@Suite struct ArtifactValidationTests {
  @Test func givesTheMetadataOfASoundPackage() throws {
    var package = PackageBuilder(name: "demo", version: "1.2", build: "py_3")
    package.depends = ["python >=3.12"]
    package.runExportsJSON = .text(#"{"weak":["demo >=1.2"]}"#)
    let artifact = try Self.validate(package)
    #expect(artifact.name.fileName == "demo-1.2-py_3.conda")
    #expect(artifact.index.depends == ["python >=3.12"])
    #expect(artifact.about?.summary == "Summary of demo")
    #expect(artifact.runExports?.weak == ["demo >=1.2"])
    #expect(artifact.paths.fileCount == 1)
  }

  @Test func aPackageNeedsNoMoreThanItsIndex() throws {
    var package = PackageBuilder()
    package.aboutJSON = .absent
    package.pathsJSON = .absent
    package.filesList = .absent
    let artifact = try Self.validate(package)
    #expect(artifact.about == nil)
    #expect(artifact.runExports == nil)
  }

  @Test(arguments: PackageDefect.metadata)
  func refuses(_ defect: PackageDefect) throws {
    let package = defect.applied(to: PackageBuilder())
    let error = try #require(throws: APIError.self) { _ = try Self.validate(package) }
    let isMismatch = ["another name", "another version", "another build"].contains(defect.description)
    #expect(error.code == (isMismatch ? .nameMismatch : .invalidMetadata))
    #expect(error.detail.asString?.contains("demo-1.0-0.conda") == true)
  }

  @Test func namesAllDisagreementsAndProblemsTogether() throws {
    var package = PackageBuilder()
    package.indexFields = ["name": .string("other"), "version": .string("9"), "build": .string("x")]
    package.aboutJSON = .text("{")
    package.extraInfoEntries = [ArchiveFile("info/repodata_record.json", text: "{}")]
    let error = try #require(throws: APIError.self) { _ = try Self.validate(package) }
    #expect(error.code == .nameMismatch)
    let detail = try #require(error.detail.asString)
    #expect(detail.hasPrefix("package file name and info files do not match demo-1.0-0.conda: "))
    for words in [
      #"name is "demo" in the file name but "other" in info/index.json"#,
      #"version is "1.0" in the file name but "9" in info/index.json"#,
      #"build is "0" in the file name but "x" in info/index.json"#, "info/about.json",
      "info/repodata_record.json: found one",
    ] {
      #expect(detail.contains(words), "\(words) in \(detail)")
    }
  }

  @Test func aRecordInsideThePackageIsRefused() throws {
    var package = PackageBuilder()
    package.extraInfoEntries = [ArchiveFile("info/repodata_record.json", text: "{}")]
    let error = try #require(throws: APIError.self) { _ = try Self.validate(package) }
    #expect(error.code == .invalidMetadata)
  }

  /// Versions are compared as spelled: the file is found by its name.
  @Test func anEqualVersionInAnotherSpellingDisagrees() throws {
    var package = PackageBuilder(version: "1.0")
    package.indexFields = ["version": .string("1.0.0")]
    let error = try #require(throws: APIError.self) { _ = try Self.validate(package) }
    #expect(error.code == .nameMismatch)
  }

  @Test func whatIsRepeatedIsMadeSafe() throws {
    let text = "a\u{0}b\u{1b}[31mc\u{7f}\n" + String(repeating: "x", count: 1000)
    let printable = ArtifactValidation.printable(text)
    #expect(printable.hasPrefix("a\u{FFFD}b\u{FFFD}[31mc\u{FFFD}\u{FFFD}x"))
    #expect(printable.unicodeScalars.count == 257)
    #expect(printable.hasSuffix("…"))
    let error = try #require(throws: APIError.self) { _ = try ArtifactValidation.name(of: text) }
    #expect(error.code == .invalidFileName)
    #expect(error.detail.asString?.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f } == true)
  }

  private static func validate(_ package: PackageBuilder) throws -> ValidatedArtifact {
    let path = NSTemporaryDirectory() + "validation-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(package.bytes()).write(to: URL(fileURLWithPath: path))
    let name = try ArtifactValidation.name(of: package.fileName)
    return try ArtifactValidation.validate(ArtifactReader().read(fileAt: path, as: name), as: name)
  }
}
