import CurlHTTP
import Foundation
import HTTPTypes
import NIOCore
import S3Signer

extension S3Client {
  /// A multipart upload that has been begun.
  struct Upload: Hashable, Sendable {
    let objectKey: String
    let id: String
  }

  /// A part that the server has.
  struct UploadedPart: Sendable {
    /// From 1 on.
    let number: Int
    /// As the server wrote it, with its quotes.
    let etag: String
  }

  /// Begins a multipart upload.
  func createUpload(_ objectKey: String, metadata: [NamedValue]) async throws(S3Failure) -> Upload {
    var request = S3Request(.post, objectKey, query: [NamedValue("uploads", "")])
    request.headers = metadata
    // `rclone serve s3` leaves the last word out.
    let answer = try await document(
      of: request, root: "InitiateMultipartUploadResult", or: "InitiateMultipartUpload")
    guard let id = answer["UploadId"], !id.isEmpty else { throw .nonsense("the upload has no ID") }
    return Upload(objectKey: objectKey, id: id)
  }

  /// Sends a part; the last one sent for a number counts.
  func uploadPart(_ upload: Upload, number: Int, _ payload: Payload) async throws(S3Failure) -> UploadedPart {
    var request = S3Request(
      .put, upload.objectKey,
      query: [NamedValue("partNumber", String(number)), NamedValue("uploadId", upload.id)])
    request.body = payload.body
    request.payload = .sha256(hex: payload.sha256)
    request.carriesObject = true
    let fields = try await head(of: request)
    guard let etag = fields[.eTag], !etag.isEmpty else { throw .nonsense("the part \(number) has no ETag") }
    return UploadedPart(number: number, etag: etag)
  }

  /// Makes the parts, in order of number, an object.
  func completeUpload(_ upload: Upload, _ parts: [UploadedPart]) async throws(S3Failure) {
    var text = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    for part in parts {
      text += "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(Self.escape(part.etag))</ETag></Part>"
    }
    text += "</CompleteMultipartUpload>"
    var request = S3Request(.post, upload.objectKey, query: [NamedValue("uploadId", upload.id)])
    let body = ByteBuffer(string: text)
    request.headers = [NamedValue("Content-Type", "application/xml")]
    request.body = .bytes(body)
    request.payload = .of(body.readableBytesView)
    // Joining the parts of a large object takes some servers minutes.
    request.carriesObject = true
    _ = try await document(of: request, root: "CompleteMultipartUploadResult")
  }

  /// Gives an upload up and frees its parts; one that is not there is no error.
  func abortUpload(_ upload: Upload) async throws(S3Failure) {
    let request = S3Request(.delete, upload.objectKey, query: [NamedValue("uploadId", upload.id)])
    do {
      try await head(of: request)
    } catch {
      guard error.refusal?.kind == .noSuchUpload || error.refusal?.kind == .noSuchKey else { throw error }
    }
  }

  /// One page of the uploads that are neither complete nor given up.
  struct UploadPage: Sendable {
    let uploads: [(upload: Upload, begun: Date)]
    let next: Marker?
  }

  /// Where a listing of uploads goes on.
  struct Marker: Hashable, Sendable {
    let key: String
    let uploadID: String
  }

  /// Asks for a page of unfinished uploads to keys that begin with `prefix`.
  func listUploads(prefix: String, after marker: Marker?) async throws(S3Failure) -> UploadPage {
    var query = [NamedValue("uploads", ""), NamedValue("encoding-type", "url")]
    if !prefix.isEmpty { query.append(NamedValue("prefix", prefix)) }
    if let marker {
      query.append(NamedValue("key-marker", marker.key))
      query.append(NamedValue("upload-id-marker", marker.uploadID))
    }
    let answer = try await document(of: S3Request(.get, query: query), root: "ListMultipartUploadsResult")
    let isEncoded = answer["EncodingType"]?.lowercased() == "url"
    func plain(_ text: String) -> String { isEncoded ? Self.decode(text) ?? text : text }
    let uploads = answer.all("Upload").compactMap { element -> (Upload, Date)? in
      guard let key = element["Key"], let id = element["UploadId"],
        let begun = element["Initiated"].flatMap(S3Date.parse(listed:))
      else { return nil }
      return (Upload(objectKey: plain(key), id: id), begun)
    }
    var next: Marker?
    if answer["IsTruncated"]?.lowercased() == "true" {
      next = Marker(key: plain(answer["NextKeyMarker"] ?? ""), uploadID: answer["NextUploadIdMarker"] ?? "")
    }
    return UploadPage(uploads: uploads.map { (upload: $0.0, begun: $0.1) }, next: next)
  }
}
