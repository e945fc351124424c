import APITypes
import CondaTypes
import HTTPTypes
import Hummingbird
import NIOCore

/// A multipart upload, read to its end: every file spooled and hashed, and the `force` field, wherever it stood.
struct UploadForm: Sendable {
  /// One uploaded file.
  struct File: Sendable {
    let fileName: String
    let file: SpooledFile.Sealed
  }

  private(set) var files: [File] = []
  private(set) var force = false
  private var issues: [ValidationIssue] = []

  /// Reads a request's form to its end.
  ///
  /// A function rather than an initialiser: one that throws half-way releases every spooled file.
  ///
  /// - Throws: 400 for a broken form, 413 over a limit, 422 if there is no file in `files` or `force` is no boolean.
  static func read(
    _ request: Request, spool: UploadSpool, limits: UploadsConfiguration
  ) async throws -> UploadForm {
    guard let boundary = boundary(of: request.headers[.contentType]) else {
      throw APIError.validation([missingFiles])
    }
    var form = UploadForm()
    var parser = MultipartParser(boundary: boundary)
    var part: Part?
    do {
      for try await chunk in request.body {
        for event in try parser.feed(chunk) {
          part = try await form.handle(event, part, spool, limits)
        }
      }
      try parser.finish()
    } catch let error as MultipartParser.ParseError {
      throw APIError(.uploadIncomplete, "the upload form cannot be read: \(error)")
    } catch {
      throw UploadController.readError(error)
    }
    if form.files.isEmpty { form.issues.append(missingFiles) }
    if !form.issues.isEmpty { throw APIError.validation(form.issues) }
    return form
  }

  private static let missingFiles = ValidationIssue(
    type: "missing", location: ["body", "files"], message: "Field required")

  /// The part being read.
  private enum Part {
    case file(name: String, UploadReceiver)
    case field(name: String, [UInt8])
  }

  /// Takes one event; says which part is being read after it.
  private mutating func handle(
    _ event: MultipartParser.Event, _ part: Part?, _ spool: UploadSpool, _ limits: UploadsConfiguration
  ) async throws -> Part? {
    switch event {
    case .part(let headers):
      return try begin(headers, spool, limits)
    case .data(let buffer):
      return try await Self.append(buffer, to: part)
    case .endOfPart:
      try await end(part)
      return nil
    case .endOfForm:
      return part
    }
  }

  private func begin(
    _ headers: MultipartHeaders, _ spool: UploadSpool, _ limits: UploadsConfiguration
  ) throws -> Part {
    guard headers.name == "files", let fileName = headers.fileName else {
      return .field(name: headers.name, [])
    }
    guard files.count < limits.maxFilesPerRequest else {
      throw APIError(.payloadTooLarge, "more than \(limits.maxFilesPerRequest) files in one request")
    }
    return .file(name: fileName, try UploadReceiver(spool: spool, maxSize: limits.maxSize))
  }

  private static func append(_ buffer: ByteBuffer, to part: Part?) async throws -> Part? {
    switch part {
    case .file(let name, var receiver):
      try await receiver.receive(buffer)
      return .file(name: name, receiver)
    case .field(let name, let bytes):
      guard bytes.count + buffer.readableBytes <= 64 << 10 else {
        throw APIError(.payloadTooLarge, "a form field is longer than 64 KiB")
      }
      return .field(name: name, bytes + buffer.readableBytesView)
    case nil:
      return nil
    }
  }

  private mutating func end(_ part: Part?) async throws {
    switch part {
    case .file(let name, var receiver):
      files.append(File(fileName: name, file: try await receiver.finish(mayStayInMemory: false) { $0 }))
    case .field("force", let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      if let value = QueryParameters.parseBool(text) {
        force = value
      } else {
        issues.append(
          ValidationIssue(
            type: "bool_parsing", location: ["body", "force"],
            message: "Input should be a valid boolean, unable to interpret input", input: .string(text)))
      }
    case .field, nil:
      break
    }
  }

  /// The boundary of a `multipart/form-data` content type.
  private static func boundary(of contentType: String?) -> String? {
    guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
    for parameter in contentType.split(separator: ";").dropFirst() {
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, parts[0].trimming(while: \.isWhitespace).lowercased() == "boundary" else {
        continue
      }
      let value = parts[1].trimming { $0 == "\"" || $0.isWhitespace }
      return value.isEmpty || value.utf8.count > 200 ? nil : String(value)
    }
    return nil
  }
}
