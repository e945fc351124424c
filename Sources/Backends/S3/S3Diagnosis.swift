/// Why a bucket cannot be used, found out before the first blob is asked for.
public struct S3Diagnosis: Error, Hashable, Sendable, CustomStringConvertible {
  /// The closed set of things that an operator can mend.
  public enum Problem: Hashable, Sendable {
    /// Nothing answers at the endpoint.
    case unreachable
    /// The endpoint's certificate is not trusted.
    case untrustedCertificate
    /// What answers does not speak S3.
    case notS3
    /// No credentials were found.
    case noCredentials
    /// The access key is unknown, or the secret is not the one that goes with it.
    case wrongKeys
    /// There is no such bucket.
    case missingBucket
    /// The bucket lies in another region, or the service has another one.
    case wrongRegion
    /// The keys are right and may not do what the store has to.
    case refusedPermission
    /// Anything else.
    case unexpected
  }

  /// What is wrong.
  public let problem: Problem
  /// One sentence: what is wrong, and what to do. Names endpoint, bucket and access key, never secrets.
  public let description: String

  /// A problem and its sentence.
  public init(_ problem: Problem, _ description: String) {
    self.problem = problem
    self.description = description
  }
}
