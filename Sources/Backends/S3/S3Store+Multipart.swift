import CurlHTTP
import Foundation
import NIOCore

extension S3Store {
  /// Stores a blob in parts, some of them at the same time; whatever fails, the upload is given up, and its parts
  /// are gone.
  func putInParts(_ parts: any UploadParts, _ body: BlobBody, at key: BlobKey) async throws(BlobStoreError) {
    let (name, metadata) = names.objectKey(of: key)
    let upload = try await retry.run { () throws(BlobStoreError) in
      do throws(S3Failure) {
        return try await client.createUpload(name, metadata: metadata)
      } catch {
        throw error.blobStoreError(key, "beginning a multipart upload")
      }
    }
    do throws(BlobStoreError) {
      let uploaded = try await send(parts, of: upload, key)
      let (size, digest) = parts.summary()
      try check(size: size, against: body, key)
      if let digest { try check(digest: digest, against: body, key) }
      try await complete(upload, uploaded, size: size, key)
    } catch {
      await giveUp(upload)
      throw error
    }
  }

  /// Sends all parts; in order of number.
  private func send(
    _ parts: any UploadParts, of upload: S3Client.Upload, _ key: BlobKey
  ) async throws(BlobStoreError) -> [S3Client.UploadedPart] {
    typealias Outcome = Result<S3Client.UploadedPart, BlobStoreError>
    let result = await withTaskGroup(of: Outcome.self) {
      group -> Result<[S3Client.UploadedPart], BlobStoreError> in
      var uploaded: [S3Client.UploadedPart] = []
      var sending = 0
      do throws(BlobStoreError) {
        var number = 0
        while let part = try await parts.next() {
          number += 1
          guard number <= Self.mostParts else {
            throw BlobStoreError(
              .unexpected, key: key,
              message: "the stream has more than \(Self.mostParts) parts; announce its size")
          }
          if sending == max(1, configuration.partsInParallel), let outcome = await group.next() {
            sending -= 1
            uploaded.append(try outcome.get())
          }
          let current = number
          sending += 1
          group.addTask { await self.send(part, number: current, of: upload, key) }
        }
        while let outcome = await group.next() { uploaded.append(try outcome.get()) }
        return .success(uploaded.sorted { $0.number < $1.number })
      } catch {
        group.cancelAll()
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Sends one part, again if need be: what the server has of the others stays.
  private func send(
    _ part: S3Client.Payload, number: Int, of upload: S3Client.Upload, _ key: BlobKey
  ) async -> Result<S3Client.UploadedPart, BlobStoreError> {
    do throws(BlobStoreError) {
      return .success(
        try await retry.run { () throws(BlobStoreError) in
          do throws(S3Failure) {
            return try await client.uploadPart(upload, number: number, part)
          } catch {
            throw error.blobStoreError(key, "sending part \(number)")
          }
        })
    } catch {
      return .failure(error)
    }
  }

  /// Makes the object. Where an answer got lost, a second try finds no upload any more: then the object tells.
  private func complete(
    _ upload: S3Client.Upload, _ parts: [S3Client.UploadedPart], size: Int64, _ key: BlobKey
  ) async throws(BlobStoreError) {
    var isRepeated = false
    try await retry.run { () throws(BlobStoreError) in
      do throws(S3Failure) {
        defer { isRepeated = true }
        try await client.completeUpload(upload, parts)
      } catch {
        if error.refusal?.kind == .noSuchUpload, isRepeated, await isStored(upload.objectKey, size) { return }
        throw error.blobStoreError(key, "ending a multipart upload")
      }
    }
  }

  private func isStored(_ objectKey: String, _ size: Int64) async -> Bool {
    (try? await client.headObject(objectKey))?.size == size
  }

  /// Frees the parts. In a task of its own, because it has to happen also when this one is cancelled; what cannot
  /// be reached now is left to ``sweepUploads(olderThan:)``.
  private func giveUp(_ upload: S3Client.Upload) async {
    await Task { try? await client.abortUpload(upload) }.value
  }

  /// Gives up the store's multipart uploads that were begun longer ago than `age` and never ended: what a killed
  /// process leaves. Uploads of others in the same bucket, outside of the key prefix or to keys that are no blobs,
  /// are left alone.
  ///
  /// - Returns: How many there were.
  public func sweepUploads(olderThan age: Duration) async throws(BlobStoreError) -> Int {
    let limit = client.serverNow.addingTimeInterval(-(age / .seconds(1)))
    var found = 0
    var marker: S3Client.Marker?
    do throws(S3Failure) {
      repeat {
        let page = try await client.listUploads(prefix: names.prefix, after: marker)
        for (upload, begun) in page.uploads where begun <= limit {
          if names.meaning(of: upload.objectKey) == .foreign { continue }
          try await client.abortUpload(upload)
          found += 1
        }
        if page.next == marker, marker != nil {
          throw S3Failure.nonsense("the listing of uploads goes in circles")
        }
        marker = page.next
      } while marker != nil
    } catch {
      // What `rclone serve s3` says where there is none.
      if error.refusal?.kind == .noSuchUpload { return found }
      throw error.blobStoreError(nil, "looking for unfinished uploads")
    }
    return found
  }
}
