import CondaArchive
import CondaTypes
import Foundation
import TestSupport
import Testing

@Suite struct ArtifactReaderTests {
  static let samples: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: samplesFolder)) ?? []
    return names.filter { $0.hasSuffix(".conda") || $0.hasSuffix(".tar.bz2") }.sorted()
  }()

  /// `shared/packages` beside the repository; the tests of samples are skipped where it is not.
  static let samplesFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/packages").path

  @Test(.enabled(if: !samples.isEmpty, "no sample packages beside the repository"), arguments: samples)
  func readsEverySamplePackage(fileName: String) throws {
    let name = try ArtifactName(parsing: fileName)
    let path = "\(Self.samplesFolder)/\(fileName)"
    guard !fileName.hasPrefix("ca-certificates") else {
      // Zipped by hand: deflated, in a folder. CEP 35 rules it out, and no client can install it.
      #expect(throws: ArchiveError.self) { try ArtifactReader().read(fileAt: path, as: name) }
      return
    }
    let contents = try ArtifactReader().read(fileAt: path, as: name)
    let index = try JSONValue(parsing: contents.indexJSON)
    #expect(index["name"]?.asString == name.name.value)
    #expect(index["version"]?.asString == name.version)
    #expect(contents.pathsJSON != nil || contents.files != nil)
    #expect(contents.aboutJSON != nil)
  }

  @Test(arguments: ArtifactFormat.allCases)
  func returnsEveryMetadataFileAsItIs(format: ArtifactFormat) throws {
    var package = PackageBuilder(format: format)
    package.indexJSON = .text("{}")
    package.aboutJSON = .text("about")
    package.pathsJSON = .text("paths")
    package.filesList = .text("files")
    package.runExportsJSON = .text("run exports")
    package.extraInfoEntries = [
      ArchiveFile("info/has_prefix", text: "prefix"), ArchiveFile("info/link.json", text: "link"),
      ArchiveFile("info/recipe/meta.yaml", text: "recipe"),
      ArchiveFile("info/test/run_test.sh", text: "test"),
    ]
    var expected = ArtifactContents(indexJSON: Array("{}".utf8))
    expected.aboutJSON = Array("about".utf8)
    expected.pathsJSON = Array("paths".utf8)
    expected.files = Array("files".utf8)
    expected.runExportsJSON = Array("run exports".utf8)
    expected.hasPrefix = Array("prefix".utf8)
    expected.linkJSON = Array("link".utf8)
    expected.recipe = Array("recipe".utf8)
    #expect(try read(package.bytes(), as: package.fileName) == expected)
  }

  @Test(arguments: ArtifactFormat.allCases)
  func noticesARepodataRecord(format: ArtifactFormat) throws {
    var package = PackageBuilder(format: format)
    #expect(try !read(package.bytes(), as: package.fileName).isRepodataRecordPresent)
    package.extraInfoEntries = [ArchiveFile("info/repodata_record.json", text: "{}")]
    #expect(try read(package.bytes(), as: package.fileName).isRepodataRecordPresent)
  }

  @Test(arguments: [true, false])
  func listsThePathsOfAnOldPackageWithoutAList(isInfoFirst: Bool) throws {
    var package = PackageBuilder(format: .tarBzip2)
    package.isInfoFirst = isInfoFirst
    package.pathsJSON = .absent
    package.filesList = .absent
    package.payload = [
      ArchiveFile("lib", .folder), ArchiveFile("lib/é.txt", text: "x"),
      ArchiveFile("lib/l", .symlink("/usr/lib")),
    ]
    #expect(try read(package.bytes(), as: package.fileName).paths == ["lib/é.txt", "lib/l"])
    package.filesList = .generated
    #expect(try read(package.bytes(), as: package.fileName).paths == [])
  }

  @Test func findsInfoAfterTheOtherFilesOfATarBzip2() throws {
    var package = PackageBuilder(format: .tarBzip2)
    package.isInfoFirst = false
    package.randomPayloadSize = 3 << 20
    #expect(try read(package.bytes(), as: package.fileName).aboutJSON != nil)
  }

  @Test func acceptsLinksThatStayInThePackage() throws {
    var package = PackageBuilder()
    package.extraInfoEntries = [
      ArchiveFile("info", .folder), ArchiveFile("info/test", .folder),
      ArchiveFile("info/test/a", .symlink("../recipe/b")),
      ArchiveFile("info/test/c", .symlink("../../lib/x")),
      ArchiveFile("info/test/d", .hardLink("info/about.json")),
    ]
    for format in ArtifactFormat.allCases {
      package.format = format
      #expect(try refusal(package.bytes(), as: package.fileName) == nil)
    }
  }

  @Test(arguments: ArtifactFormat.allCases)
  func readsTheSameFileFromManyThreadsAtOnce(format: ArtifactFormat) async throws {
    let package = PackageBuilder(format: format)
    let file = try TemporaryFile(package.bytes())
    let name = try ArtifactName(parsing: package.fileName)
    let expected = try ArtifactReader().read(fileAt: file.path, as: name)
    try await withThrowingTaskGroup(of: ArtifactContents.self) { group in
      for _ in 0..<16 {
        group.addTask { try ArtifactReader().read(fileAt: file.path, as: name) }
      }
      for try await contents in group {
        #expect(contents == expected)
      }
    }
  }

  @Test func saysWhyAFileCannotBeRead() throws {
    let name = try ArtifactName(parsing: "demo-1.0-0.conda")
    #expect(throws: ArchiveError.unreadable(errno: ENOENT)) {
      try ArtifactReader().read(fileAt: "/nonexistent/file", as: name)
    }
    #expect(throws: ArchiveError.unreadable(errno: EINVAL)) {
      try ArtifactReader().read(fileAt: "/", as: name)
    }
  }
}
