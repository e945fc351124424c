/// Everything that can go wrong on our HTTP API, as data: a stable identifier and the status it is sent with.
///
/// The identifier travels in the `X-Error-Code` header; the body keeps upstream's `{"detail": …}`. A test keeps
/// `docs/API.md` equal to this list.
public enum APIErrorCode: String, CaseIterable, Sendable {
  case notLoggedIn = "not_logged_in"
  case notAllowed = "not_allowed"
  case noPermission = "no_permission"
  case serverRoleRequired = "server_role_required"
  case crossSiteRequest = "cross_site_request"
  case tooManyFailures = "too_many_failures"
  case tooManyJobs = "too_many_jobs"

  case routeNotFound = "route_not_found"
  case methodNotAllowed = "method_not_allowed"
  case channelNotFound = "channel_not_found"
  case packageNotFound = "package_not_found"
  case packageVersionNotFound = "package_version_not_found"
  case userNotFound = "user_not_found"
  case keyNotFound = "key_not_found"
  case memberNotFound = "member_not_found"
  case jobNotFound = "job_not_found"
  case patchNotFound = "patch_not_found"
  case fileNotFound = "file_not_found"
  case rangeNotSatisfiable = "range_not_satisfiable"
  case preconditionFailed = "precondition_failed"

  case validationFailed = "validation_failed"
  case invalidChannelName = "invalid_channel_name"
  case quotaExceeded = "quota_exceeded"
  case channelExists = "channel_exists"
  case channelIsReadOnly = "channel_is_read_only"
  case packageExists = "package_exists"
  case memberExists = "member_exists"
  case mirrorExists = "mirror_exists"
  case channelAttributeIsFixed = "channel_attribute_is_fixed"
  case contradictingLists = "contradicting_lists"
  case invalidSearch = "invalid_search"
  case hostNotAllowed = "host_not_allowed"
  case actionNotAllowed = "action_not_allowed"

  case invalidFileName = "invalid_file_name"
  case wrongChecksum = "wrong_checksum"
  case invalidArchive = "invalid_archive"
  case invalidMetadata = "invalid_metadata"
  case invalidPatch = "invalid_patch"
  case tooManyNotices = "too_many_notices"
  case nameMismatch = "name_mismatch"
  case endpointMismatch = "endpoint_mismatch"
  case artifactExists = "artifact_exists"
  case uploadIncomplete = "upload_incomplete"
  case payloadTooLarge = "payload_too_large"

  case storageFull = "storage_full"
  case storageUnavailable = "storage_unavailable"
  case storageFailed = "storage_failed"
  case packageBytesMissing = "package_bytes_missing"
  case internalError = "internal_error"

  /// The HTTP status this error is answered with.
  public var status: Int {
    switch self {
    case .invalidFileName, .invalidArchive, .nameMismatch, .endpointMismatch, .uploadIncomplete: 400
    case .notLoggedIn, .notAllowed: 401
    case .noPermission, .serverRoleRequired, .crossSiteRequest: 403
    case .routeNotFound, .channelNotFound, .packageNotFound, .packageVersionNotFound, .userNotFound,
      .keyNotFound, .fileNotFound, .memberNotFound, .jobNotFound, .patchNotFound:
      404
    case .methodNotAllowed, .channelIsReadOnly, .actionNotAllowed: 405
    case .wrongChecksum: 406
    case .channelExists, .packageExists, .artifactExists, .memberExists, .mirrorExists: 409
    case .preconditionFailed: 412
    case .payloadTooLarge: 413
    case .rangeNotSatisfiable: 416
    case .validationFailed, .invalidChannelName, .quotaExceeded, .invalidMetadata, .invalidPatch,
      .tooManyNotices,
      .channelAttributeIsFixed,
      .contradictingLists, .invalidSearch, .hostNotAllowed:
      422
    case .tooManyFailures, .tooManyJobs: 429
    case .internalError: 500
    case .packageBytesMissing, .storageFailed: 502
    case .storageUnavailable: 503
    case .storageFull: 507
    }
  }
}
