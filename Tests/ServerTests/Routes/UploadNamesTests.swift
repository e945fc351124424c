import CondaTypes
import HTTPTypes
import NIOCore
import Server
import TestSupport
import Testing

/// File names that must never become a path.
@Suite struct UploadNamesTests {
  /// What stands in the path of the raw route, percent-encoded, each with the bytes of a good package.
  static let rawNames = [
    "..", ".", "%2e%2e", "..%2Fdemo-1.0-0.conda", "%2Fetc%2Fdemo-1.0-0.conda", "a%2F..%2Fdemo-1.0-0.conda",
    "..%5Cdemo-1.0-0.conda", "demo-1.0-0.conda%00", "%00", "demo%00-1.0-0.conda", "demo-1.0-0.conda%2F",
    "d%D0%B5mo-1.0-0.conda", "demo-1.0-%D9%A0.conda", "demo-1.0-0.c%D0%BEnda", "demo-1.0-0%E2%80%8B.conda",
    "%EF%BC%8E%EF%BC%8E%EF%BC%8Fdemo-1.0-0.conda", "Demo-1.0-0.conda", "__demo-1.0-0.conda",
    "demo-1.0-0.zip", "demo-1.0-0", "demo-1.0.conda", "demo.conda", "-1.0-0.conda", "demo--0.conda",
    "demo-1.0-.conda",
    "demo-1.0-0.conda%20", "%20demo-1.0-0.conda", "demo-1.0-0%0d%0a.conda", "demo-1.0-0.CONDA",
    "%ff%fe-1.0-0.conda", "demo%-1.0-0.conda", "demo%2-1.0-0.conda", "demo%zz-1.0-0.conda",
    String(repeating: "a", count: 300), String(repeating: "a", count: 300) + "-1.0-0.conda",
    String(repeating: "a", count: 65) + "-1.0-0.conda",
    "demo-1.0-" + String(repeating: "0", count: 65) + ".conda",
  ]

  // The tables below share a server each: sixty deployments would cost more than all other tests.

  @Test func theRawRouteRefusesThem() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let bytes = try PackageBuilder().bytes()
      for name in Self.rawNames {
        let answer = try await app.expectRefusal(in: "lab", nil, "\(name)") {
          try await app.upload(bytes, named: name, to: "lab")
        }
        #expect([400, 404].contains(answer.status), "\(name)")
        if answer.status == 400 {
          #expect(answer.headers[.errorCode] == "invalid_file_name", "\(name)")
          #expect(
            answer.detail?.asString?.hasPrefix("package file name has wrong format ") == true, "\(name)")
        }
      }
    }
  }

  @Test(arguments: [
    "../demo-1.0-0.conda", "lab/../../demo-1.0-0.conda", "x/demo-1.0-0.conda",
  ])
  func theRawRouteRefusesASlashInThePath(name: String) async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let bytes = try PackageBuilder().bytes()
      try await app.expectRefusal(in: "lab", nil, "\(name)") {
        try await app.upload(bytes, named: name, to: "lab")
      }
    }
  }

  /// What stands in the `filename` of a form, each with the bytes of a good package.
  static let formNames = [
    "..", ".", "../demo-1.0-0.conda", "/etc/demo-1.0-0.conda", "a/../demo-1.0-0.conda",
    "..\\\\demo-1.0-0.conda",
    "C:\\\\demo-1.0-0.conda", "demo-1.0-0.conda\u{0}", "d\u{0}mo-1.0-0.conda", "d\u{435}mo-1.0-0.conda",
    "demo-1.0-\u{660}.conda", "demo-1.0-0.conda/", "demo-1.0-0\u{200b}.conda", "..%2Fdemo-1.0-0.conda",
    "demo-1.0-0.conda%00", "Demo-1.0-0.conda", "demo-1.0-0.txt", "demo.conda", "", " ",
    String(repeating: "a", count: 300) + "-1.0-0.conda", String(repeating: "\u{435}", count: 300),
  ]

  @Test func theFormRoutesRefuseThem() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let bytes = try PackageBuilder().bytes()
      for (name, package) in Self.formNames.flatMap({ [($0, nil), ($0, "first")] }) {
        let form = UploadFormBody().file(name, bytes)
        let answer = try await app.expectRefusal(in: "lab", 400, code: "invalid_file_name", "\(name)") {
          try await app.uploadForm(form, to: "lab", package: package)
        }
        #expect(answer.detail?.asString?.hasPrefix("package file name has wrong format ") == true)
        #expect(answer.body.allSatisfy { $0 >= 0x20 && $0 != 0x7f }, "no control characters come back")
      }
    }
  }

  @Test func aNameInAnExtendedParameterIsCheckedAsWell() async throws {
    try await TestApp.with { app in
      try await app.createBusyChannel()
      let bytes = try PackageBuilder().bytes()
      let form = UploadFormBody().part(
        "name=\"files\"; filename=\"demo-1.0-0.conda\"; filename*=UTF-8''..%2Fdemo-1.0-0.conda", bytes)
      try await app.expectRefusal(in: "lab", 400, code: "invalid_file_name") {
        try await app.uploadForm(form, to: "lab")
      }
    }
  }

  @Test(arguments: ["demo-1!2.0+local.1-py_0.conda", "_demo.x-y-1.0-a+b.1_0.tar.bz2"])
  func unusualButValidNamesAreTakenRawAndEncoded(fileName: String) async throws {
    try await TestApp.with { app in
      #expect(try await app.createChannel("lab").status == 201)
      let name = try ArtifactName(parsing: fileName)
      let package = PackageBuilder(
        name: name.name.value, version: name.version, build: name.build.value, format: name.format)
      let encoded = fileName.replacing("!", with: "%21").replacing("+", with: "%2B")
      #expect(try await app.upload(package.bytes(), named: encoded, to: "lab").status == 201)
      #expect(try await app.repodataFileNames("lab", "noarch") == [fileName])
      #expect(try await app.upload(package.bytes(), named: fileName, to: "lab").status == 409)
    }
  }
}
