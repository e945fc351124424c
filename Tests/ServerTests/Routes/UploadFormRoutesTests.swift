import CondaTypes
import HTTPTypes
import TestSupport
import Testing

/// `POST /api/channels/{c}/files/` and `…/packages/{p}/files/`: multipart forms.
@Suite struct UploadFormRoutesTests {
  @Test(arguments: ArtifactFormat.allCases)
  func publishesOneFile(format: ArtifactFormat) async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let package = PackageBuilder(name: "demo", format: format)
      let answer = try await app.uploadForm(UploadFormBody().file(package), to: "lab")
      #expect(answer.status == 201, "\(answer.text)")
      #expect(answer.text == "null")
      #expect(try await app.repodataFileNames("lab", "noarch") == [package.fileName])
      #expect(try await app.send(.get, "/get/lab/noarch/\(package.fileName)").body == package.bytes())
      #expect(try await app.evidence("lab").footprint.blobs.count == 1)
    }
  }

  @Test func publishesSeveralFilesOfSeveralPackages() async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      var native = PackageBuilder(name: "native", format: .tarBzip2)
      native.subdir = "linux-64"
      native.noarch = nil
      let form = try UploadFormBody().file(PackageBuilder(name: "one")).file(PackageBuilder(name: "two"))
        .file(native)
      #expect(try await app.uploadForm(form, to: "lab").status == 201)
      #expect(try await app.repodataFileNames("lab", "noarch") == ["one-1.0-0.conda", "two-1.0-0.conda"])
      #expect(try await app.repodataFileNames("lab", "linux-64") == [native.fileName])
    }
  }

  @Test(arguments: [true, false])
  func forceMayStandBeforeOrAfterTheFiles(first: Bool) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      var package = PackageBuilder(name: "first")
      package.randomPayloadSize = 10
      let bytes = try package.bytes()
      let fileName = package.fileName
      for force in ["false", "False", "0"] {
        let form =
          first
          ? UploadFormBody().field("force", force).file(fileName, bytes)
          : UploadFormBody().file(fileName, bytes).field("force", force)
        let answer = try await app.expectRefusal(in: "lab", 409, code: "artifact_exists") {
          try await app.uploadForm(form, to: "lab")
        }
        #expect(answer.text == #"{"detail":"Duplicate first-1.0-0.conda"}"#)
      }
      let form =
        first
        ? UploadFormBody().field("force", "True").file(fileName, bytes)
        : UploadFormBody().file(fileName, bytes).field("force", "True")
      #expect(try await app.uploadForm(form, to: "lab").status == 201)
      #expect(try await app.send(.get, "/get/lab/noarch/\(fileName)").body == bytes)
    }
  }

  @Test func thePackageRouteTakesFilesOfItsPackageOnly() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let other = try UploadFormBody().file(PackageBuilder(name: "other"))
      let answer = try await app.expectRefusal(in: "lab", 400, code: "endpoint_mismatch") {
        try await app.uploadForm(other, to: "lab", package: "first")
      }
      #expect(
        answer.text
          == #"{"detail":"requested package endpoint 'first' does not match the uploaded package name 'other'"}"#
      )
      let mixed = try UploadFormBody().file(PackageBuilder(name: "first", version: "2.0")).file(
        PackageBuilder(name: "other"))
      try await app.expectRefusal(in: "lab", 400, code: "endpoint_mismatch", "one right, one wrong") {
        try await app.uploadForm(mixed, to: "lab", package: "first")
      }
      let own = try UploadFormBody().file(PackageBuilder(name: "first", version: "2.0"))
      #expect(try await app.uploadForm(own, to: "lab", package: "first").status == 201)
      #expect(try await app.repodataFileNames("lab", "noarch") == ["first-1.0-0.conda", "first-2.0-0.conda"])
    }
  }

  @Test func thePackageRouteNeedsThePackage() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let form = try UploadFormBody().file(PackageBuilder(name: "other"))
      let answer = try await app.expectRefusal(in: "lab", 404, code: "package_not_found") {
        try await app.uploadForm(form, to: "lab", package: "other")
      }
      #expect(answer.text == #"{"detail":"Package lab/other not found"}"#)
    }
  }

  /// Files that spoil a batch, each put before, between and behind good ones.
  static let spoilers: [(name: String, bytes: [UInt8], status: Int, code: String)] = [
    ("bad-1.0-0.conda", [1, 2, 3], 400, "invalid_archive"), ("bad-1.0-0.conda", [], 400, "invalid_archive"),
    ("bad.conda", [1], 400, "invalid_file_name"), ("../bad-1.0-0.conda", [1], 400, "invalid_file_name"),
  ]

  @Test func aBatchWithOneBadFilePublishesNone() async throws {
    var wrong = PackageBuilder(name: "wrong")
    wrong.omittedIndexKeys = ["build"]
    let existing = PackageBuilder(name: "first")
    let spoilers =
      try Self.spoilers + [
        (wrong.fileName, wrong.bytes(), 422, "invalid_metadata"),
        ("wrong-2.0-0.conda", PackageBuilder(name: "wrong").bytes(), 400, "invalid_archive"),
        (existing.fileName, existing.bytes(), 409, "artifact_exists"),
      ]
    let good = try (
      PackageBuilder(name: "one"), PackageBuilder(name: "one").bytes(), PackageBuilder(name: "two").bytes()
    )
    try await TestApp.with { app in
      try await app.createBusyChannel()
      for (name, bytes, status, code) in spoilers {
        for position in 0..<3 {
          var form = UploadFormBody()
          if position == 0 { form = form.file(name, bytes) }
          form = form.file(good.0.fileName, good.1)
          if position == 1 { form = form.file(name, bytes) }
          form = form.file("two-1.0-0.conda", good.2)
          if position == 2 { form = form.file(name, bytes) }
          let finished = form
          try await app.expectRefusal(in: "lab", status, code: code, "\(name) at \(position)") {
            try await app.uploadForm(finished, to: "lab")
          }
        }
      }
    }
  }

  @Test func theSameFileTwiceInOneBatchIsRefused() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let package = PackageBuilder()
      let form = try UploadFormBody().file(package).file(package)
      try await app.expectRefusal(in: "lab", 409, code: "artifact_exists") {
        try await app.uploadForm(form, to: "lab")
      }
    }
  }

  @Test func aFormWithoutFilesIsAValidationErrorInUpstreamsForm() async throws {
    let missing =
      #"{"detail":[{"input":null,"loc":["body","files"],"msg":"Field required","type":"missing"}]}"#
    let package = try PackageBuilder().bytes()
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let forms = [
        UploadFormBody(), UploadFormBody().field("force", "true"),
        UploadFormBody().file("demo-1.0-0.conda", package, field: "file"),
        UploadFormBody().field("files", "no file, since there is no file name"),
      ]
      for form in forms {
        let answer = try await app.expectRefusal(in: "lab", 422, code: "validation_failed") {
          try await app.uploadForm(form, to: "lab")
        }
        #expect(answer.text == missing)
      }
      for type in [
        "application/json", "multipart/form-data", "multipart/form-data; boundary=", "text/plain; boundary=x",
      ] {
        let answer = try await app.expectRefusal(in: "lab", 422, code: "validation_failed") {
          try await app.uploadForm(
            bytes: UploadFormBody().file("a", [1]).finished, to: "lab", contentType: type)
        }
        #expect(answer.text == missing, "\(type)")
      }
    }
  }

  @Test(arguments: ["maybe", "", "truefalse"])
  func aForceFieldThatIsNoBooleanIsAValidationError(force: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let form = try UploadFormBody().file(PackageBuilder()).field("force", force)
      let answer = try await app.expectRefusal(in: "lab", 422, code: "validation_failed") {
        try await app.uploadForm(form, to: "lab")
      }
      #expect(answer.messages == ["Input should be a valid boolean, unable to interpret input"])
      #expect(answer.detail?.asArray?.first?["loc"] == .array([.string("body"), .string("force")]))
    }
  }

  @Test func aBrokenFormIsRefused() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let good = try UploadFormBody().file(PackageBuilder()).finished
      let text = "--\(UploadFormBody.boundary)\r\n"
      let broken: [[UInt8]] = [
        [], [1, 2, 3], Array(good.dropLast(4)), Array(good[..<(good.count / 2)]), Array(good[..<60]),
        Array("\(text)\r\nno header\r\n--\(UploadFormBody.boundary)--".utf8),
        Array("\(text)Content-Type: text/plain\r\n\r\nx\r\n--\(UploadFormBody.boundary)--".utf8),
        Array(
          "\(text)Content-Disposition: form-data; name=\"files\"; x=\"\(String(repeating: "a", count: 20_000))"
            .utf8),
      ]
      for bytes in broken {
        try await app.expectRefusal(in: "lab", 400, code: "upload_incomplete", "\(bytes.count) bytes") {
          try await app.uploadForm(bytes: bytes, to: "lab")
        }
      }
    }
  }

  @Test func tooManyFilesAndTooLongFieldsAreRefused() async throws {
    try await TestApp.with(toml: "[uploads]\nmax_files_per_request = 2") { app in
      try await app.createBusyChannel()
      let form = try UploadFormBody().file(PackageBuilder(name: "a")).file(PackageBuilder(name: "b"))
      let three = try form.file(PackageBuilder(name: "c"))
      try await app.expectRefusal(in: "lab", 413, code: "payload_too_large") {
        try await app.uploadForm(three, to: "lab")
      }
      let long = form.field("comment", String(repeating: "x", count: 70_000))
      try await app.expectRefusal(in: "lab", 413, code: "payload_too_large") {
        try await app.uploadForm(long, to: "lab")
      }
      #expect(try await app.uploadForm(form.field("comment", "ignored"), to: "lab").status == 201)
    }
  }
}
