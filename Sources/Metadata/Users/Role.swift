/// What someone may do: in the whole server, in a channel, or with a package.
public enum Role: String, Codable, Sendable, CaseIterable, Comparable {
  /// May read.
  case member
  /// May also change content.
  case maintainer
  /// May also decide who may.
  case owner

  /// `member < maintainer < owner`.
  public static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .member: 0
    case .maintainer: 1
    case .owner: 2
    }
  }
}

/// The roles a user has where a request points.
public struct AccessRoles: Hashable, Sendable {
  /// The role in the channel, if any.
  public var channel: Role?
  /// The role for the package, if one was asked about and there is any.
  public var package: Role?

  /// Roles in a channel and for a package.
  public init(channel: Role? = nil, package: Role? = nil) {
    self.channel = channel
    self.package = package
  }
}
