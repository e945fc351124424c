/// Where and on which day a signature is valid: the "credential scope" of Signature V4.
public struct SigningScope: Hashable, Sendable, CustomStringConvertible {
  /// The moment of signing; only its day is part of the scope.
  public let date: SigningDate
  /// E.g. `us-east-1`.
  public let region: String
  /// `s3`, unless another service is addressed.
  public let service: String

  /// The scope of requests signed at `date` for a region's service.
  public init(date: SigningDate, region: String, service: String = "s3") {
    self.date = date
    self.region = region
    self.service = service
  }

  /// As it is signed and sent, e.g. `20150830/us-east-1/s3/aws4_request`.
  public var description: String { "\(date.day)/\(region)/\(service)/aws4_request" }
}
