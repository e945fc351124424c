import Foundation
import HTTPTypes
import S3Signer

extension S3Client {
  /// One page of a listing.
  struct Page: Sendable {
    /// An object in it.
    struct Object: Sendable {
      let key: String
      let size: Int64
      let modified: Date
      let etag: String?
    }

    let objects: [Object]
    /// What the keys left out by the delimiter begin with, ending in it.
    let folders: [String]
    /// What to ask for the next page with; `nil` on the last.
    let nextToken: String?
  }

  /// Asks for a page of the objects whose keys begin with `prefix` (ListObjectsV2).
  ///
  /// - Parameters:
  ///   - delimiter: Keys that have it after the prefix are left out, and what they begin with is told.
  ///   - token: From the page before.
  func listObjects(
    prefix: String, delimiter: String? = nil, after token: String? = nil
  ) async throws(S3Failure) -> Page {
    var query = [NamedValue("encoding-type", "url"), NamedValue("list-type", "2")]
    query.append(NamedValue("max-keys", "1000"))
    if !prefix.isEmpty { query.append(NamedValue("prefix", prefix)) }
    if let delimiter { query.append(NamedValue("delimiter", delimiter)) }
    if let token { query.append(NamedValue("continuation-token", token)) }
    let document = try await document(of: S3Request(.get, query: query), root: "ListBucketResult")
    return try Self.page(document)
  }

  private static func page(_ document: S3XML) throws(S3Failure) -> Page {
    let isEncoded = document["EncodingType"]?.lowercased() == "url"
    var objects: [Page.Object] = []
    for element in document.all("Contents") {
      guard let text = element["Key"], let key = isEncoded ? decode(text) : text,
        let size = element["Size"].flatMap({ Int64($0) }), size >= 0
      else { throw .nonsense("the listing has an object without a key or a size") }
      objects.append(
        Page.Object(
          key: key, size: size,
          modified: element["LastModified"].flatMap(S3Date.parse(listed:)) ?? Date(timeIntervalSince1970: 0),
          etag: element["ETag"].map(ObjectHead.unquoted)))
    }
    let folders = document.all("CommonPrefixes").compactMap { $0["Prefix"] }
    let token =
      document["IsTruncated"]?.lowercased() == "true" ? document["NextContinuationToken"] ?? "" : nil
    if token == "" { throw .nonsense("the listing goes on but does not say how") }
    return Page(
      objects: objects, folders: folders.compactMap { isEncoded ? decode($0) : $0 }, nextToken: token)
  }

  /// Undoes `encoding-type=url`, in which a space is `+` or `%20`; `nil` if that leaves no UTF-8.
  static func decode(_ text: String) -> String? {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
      return text
    }
    return text.replacing("+", with: " ").removingPercentEncoding
  }
}
