import CurlHTTP
import Foundation

/// OpenSSL's own server on 127.0.0.1 with a certificate for one name that nobody knows, made for it. Answers 200.
final class TLSServer {
  struct Failure: Error { let message: String }

  /// A PEM file with the certificate.
  let certificate: String
  private(set) var port = 0
  private let folder: String
  private let process = Process()

  init(name: String) throws {
    folder = NSTemporaryDirectory() + "tls-" + UUID().uuidString
    certificate = folder + "/certificate.pem"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try makeCertificate(name)
    try start()
  }

  deinit {
    process.terminate()
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func makeCertificate(_ name: String) throws {
    let making = Process()
    making.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    making.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
      "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", folder + "/key.pem",
      "-out", certificate,
    ]
    making.standardError = FileHandle.nullDevice
    try making.run()
    making.waitUntilExit()
    guard making.terminationStatus == 0 else { throw Failure(message: "openssl made no certificate") }
  }

  private func start() throws {
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", folder + "/key.pem", "-www",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    // It says "ACCEPT 127.0.0.1:36029" once it listens.
    var text = ""
    while port == 0 {
      let piece = output.fileHandleForReading.availableData
      guard !piece.isEmpty else { throw Failure(message: "openssl s_server ended: \(text)") }
      text += String(decoding: piece, as: UTF8.self)
      let line = text.components(separatedBy: "\n").dropLast().first { $0.hasPrefix("ACCEPT ") }
      port = line.flatMap { $0.split(separator: ":").last }.flatMap { Int($0) } ?? 0
    }
  }
}
