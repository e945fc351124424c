import CondaTypes
import HTTPTypes
import NIOCore
import TestSupport
import Testing

/// Packages that are bad in themselves: refused on both routes, and nothing is kept.
@Suite struct UploadDefectsTests {
  @Test(arguments: PackageDefect.archive)
  func refusesAnArchiveWith(_ defect: PackageDefect) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      for format in defect.formats {
        let package = defect.applied(to: PackageBuilder(name: "bad", format: format))
        try await expectRefusal(
          of: package.bytes(), named: package.fileName, 400, code: "invalid_archive", app)
      }
    }
  }

  @Test(arguments: PackageDefect.metadata)
  func refusesMetadataWith(_ defect: PackageDefect) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let isMismatch = ["another name", "another version", "another build"].contains(defect.description)
      for format in defect.formats {
        let package = defect.applied(to: PackageBuilder(name: "bad", format: format))
        let detail = try await expectRefusal(
          of: package.bytes(), named: package.fileName, isMismatch ? 400 : 422,
          code: isMismatch ? "name_mismatch" : "invalid_metadata", app)
        #expect(
          detail.hasPrefix(
            isMismatch
              ? "package file name and info files do not match \(package.fileName)"
              : "Validation Error for package: "))
      }
    }
  }

  @Test(arguments: ["../x", "/noarch", "linux-64/..", "linux_64", "LINUX-64", "l\u{456}nux-64", ""])
  func refusesTheSubdir(_ subdir: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "bad")
      package.subdir = subdir
      package.noarch = nil
      try await expectRefusal(
        of: package.bytes(), named: package.fileName, 422, code: "invalid_metadata", app)
    }
  }

  @Test func namesEveryProblemOfAPackageAtOnce() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "bad")
      package.subdir = "../x"
      package.omittedIndexKeys = ["build_number"]
      package.indexFields = ["depends": .string("python")]
      package.runExportsJSON = .text("[1]")
      let detail = try await expectRefusal(
        of: package.bytes(), named: package.fileName, 422, code: "invalid_metadata", app)
      for word in ["subdir", "build_number", "depends", "info/run_exports.json"] {
        #expect(detail.contains(word), "\(word) in \(detail)")
      }
    }
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesAnEmptyBody(format: ArtifactFormat) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      try await expectRefusal(
        of: [], named: PackageBuilder(name: "bad", format: format).fileName, 400, code: "invalid_archive", app
      )
    }
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesRandomBytes(format: ArtifactFormat) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let fileName = PackageBuilder(name: "bad", format: format).fileName
      for count in [1, 22, 4096, 300_000] {
        let bytes = PackageBuilder.randomBytes(count: count, seed: UInt64(count))
        try await expectRefusal(of: bytes, named: fileName, 400, code: "invalid_archive", app)
      }
    }
  }

  @Test(arguments: ArtifactFormat.allCases)
  func refusesAPackageCutAtAnyOffset(format: ArtifactFormat) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "bad", format: format)
      package.randomPayloadSize = 20_000
      let bytes = try package.bytes()
      let offsets =
        [1, 3, 30, bytes.count / 10, bytes.count / 2, bytes.count * 9 / 10]
        + [22, 10, 4, 2, 1].map { bytes.count - $0 }
      for offset in offsets {
        try await expectRefusal(
          of: Array(bytes[..<offset]), named: package.fileName, 400, code: "invalid_archive", app)
      }
      try await expectRefusal(of: bytes + [0], named: package.fileName, 400, code: "invalid_archive", app)
      #expect(try await app.upload(bytes, named: package.fileName, to: "lab").status == 201)
    }
  }

  @Test func refusesOneFormatUnderTheNameOfTheOther() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      for (format, other) in [(ArtifactFormat.conda, ArtifactFormat.tarBzip2), (.tarBzip2, .conda)] {
        let bytes = try PackageBuilder(name: "bad", format: format).bytes()
        let fileName = PackageBuilder(name: "bad", format: other).fileName
        try await expectRefusal(of: bytes, named: fileName, 400, code: "invalid_archive", app)
      }
    }
  }

  /// Uploads on both routes, each of which must refuse and keep nothing; gives the detail of the raw route.
  @discardableResult
  private func expectRefusal(
    of bytes: [UInt8], named fileName: String, _ status: Int, code: String, _ app: TestApp
  ) async throws -> String {
    let raw = try await app.expectRefusal(in: "lab", status, code: code, "\(fileName), raw") {
      try await app.upload(bytes, named: fileName, to: "lab")
    }
    let form = try await app.expectRefusal(in: "lab", status, code: code, "\(fileName), form") {
      try await app.uploadForm(UploadFormBody().file(fileName, bytes), to: "lab")
    }
    #expect(form.detail == raw.detail)
    return raw.detail?.asString ?? ""
  }
}
