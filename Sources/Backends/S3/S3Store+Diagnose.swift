import CurlHTTP
import Foundation
import NIOCore
import S3Signer

extension S3Store {
  /// Looks whether the bucket can be used, by doing what the store has to: list, write, read and remove a small
  /// object. Makes the bucket if it is missing and the configuration says so.
  ///
  /// - Returns: What is wrong first; `nil` if all is well. Nothing is left in the bucket.
  public func diagnose() async -> S3Diagnosis? {
    do throws(S3Failure) {
      try await client.checkBucket()
    } catch {
      guard error.refusal?.kind == .noSuchBucket, configuration.createBucket else {
        return await diagnosis(of: error, action: "s3:ListBucket")
      }
      do throws(S3Failure) {
        try await client.createBucket()
        onEvent(.bucketCreated(configuration.bucket))
      } catch {
        return await diagnosis(of: error, action: "s3:CreateBucket")
      }
    }
    return await probe()
  }

  private func probe() async -> S3Diagnosis? {
    // No blob has this name, as no path of one has `%-`.
    let name = names.prefix + "%-probe-" + UUID().uuidString.lowercased()
    let bytes = ByteBuffer(string: "quetz looks whether it may write here")
    var action = "s3:PutObject"
    do throws(S3Failure) {
      let payload = S3Client.Payload(
        body: .bytes(bytes), size: Int64(bytes.readableBytes),
        sha256: Hex.encode(SHA256Hasher.digest(of: bytes.readableBytesView)))
      try await client.putObject(name, payload, metadata: [])
      action = "s3:GetObject"
      let head = try await client.headObject(name)
      guard head.size == payload.size else {
        throw S3Failure.nonsense("an object just stored has another size")
      }
      action = "s3:DeleteObject"
      try await client.deleteObject(name)
      return nil
    } catch {
      if action == "s3:GetObject" { try? await client.deleteObject(name) }
      return await diagnosis(of: error, action: action)
    }
  }

  // MARK: - Sentences

  private func diagnosis(of failure: S3Failure, action: String) async -> S3Diagnosis {
    let place = "bucket '\(configuration.bucket)'"
    let service = configuration.endpoint.isEmpty ? "AWS S3" : configuration.endpoint
    switch failure {
    case .unsent(let error):
      return S3Diagnosis(.noCredentials, "No credentials for \(place): \(error.message).")
    case .nonsense(let message):
      return S3Diagnosis(
        .notS3, "\(service) does not answer like S3 (\(message)): check the URL and its port in [s3] url.")
    case .transport(let error): return Self.diagnosis(of: error, service)
    case .refused(let error): return await diagnosis(of: error, action, place, service)
    }
  }

  private static func diagnosis(of error: TransportError, _ service: String) -> S3Diagnosis {
    switch error.kind {
    case .untrustedCertificate:
      S3Diagnosis(
        .untrustedCertificate,
        "The certificate of \(service) is not trusted (\(error.message)): name its authority's PEM file in [s3] ca_bundle."
      )
    case .tlsHandshake:
      S3Diagnosis(
        .unreachable,
        "\(service) does not speak TLS (\(error.message)): use http:// in [s3] url if the server has no TLS.")
    case .protocolViolation:
      S3Diagnosis(
        .notS3,
        "\(service) does not answer like S3 (\(error.message)): check the URL and its port in [s3] url.")
    default:
      S3Diagnosis(
        .unreachable,
        "\(service) cannot be reached (\(error.message)): check [s3] url, and that the server runs and no firewall or proxy is between."
      )
    }
  }

  private func diagnosis(
    of error: S3Error, _ action: String, _ place: String, _ service: String
  ) async -> S3Diagnosis {
    let keyID = (try? await client.readySigner())?.0.credentials.accessKeyID ?? ""
    switch error.kind {
    case .invalidAccessKey:
      return S3Diagnosis(
        .wrongKeys, "\(service) does not know the access key '\(keyID)': check [s3] access_key.")
    case .signatureDoesNotMatch:
      return S3Diagnosis(
        .wrongKeys,
        "The secret key does not belong to the access key '\(keyID)': check [s3] secret_key (or a proxy changes requests on the way)."
      )
    case .expiredToken:
      return S3Diagnosis(
        .wrongKeys,
        "The session token of '\(keyID)' has expired: get new credentials, or leave them to the chain.")
    case .requestTimeTooSkewed:
      return S3Diagnosis(.wrongKeys, "This machine's clock differs too much from that of \(service): set it.")
    case .noSuchBucket:
      return S3Diagnosis(
        .missingBucket,
        "There is no \(place) at \(service): create it, set [s3] create_bucket = true, or correct [s3] bucket_name."
      )
    case .bucketExists:
      return S3Diagnosis(
        .refusedPermission, "The \(place) belongs to somebody else: choose another name in [s3] bucket_name.")
    case .wrongRegion: return wrongRegion(error, place)
    case .accessDenied:
      return S3Diagnosis(
        .refusedPermission,
        "The access key '\(keyID)' is not allowed \(action) on \(place): allow it in the policy (docs/STORAGE.md has one)."
      )
    case .notS3, .notImplemented:
      return S3Diagnosis(
        .notS3, "\(service) does not answer like S3 (\(error)): check the URL and its port in [s3] url.")
    case .overloaded:
      return S3Diagnosis(
        .unreachable, "\(service) does not serve requests now (\(error)): look at its own log.")
    default:
      return S3Diagnosis(.unexpected, "\(action) on \(place) at \(service) failed: \(error).")
    }
  }

  private func wrongRegion(_ error: S3Error, _ place: String) -> S3Diagnosis {
    let right =
      error.region.map { "set [s3] region = \"\($0)\", or leave it empty" } ?? "leave [s3] region empty"
    return S3Diagnosis(
      .wrongRegion, "The \(place) is not in the region '\(configuration.region)' (\(error.status)): \(right)."
    )
  }
}
