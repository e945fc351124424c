/// `[storage]`
///
/// - `soft_delete_channel`, `soft_delete_package` (bool, false): keep the bytes of what is deleted; artifacts may be
///   restored.
/// - `deleted_retention_days` (int, 30): for how long.
/// - `unreferenced_blob_hours` (int, 24): how long bytes that no artifact refers to are kept.
package struct StorageConfiguration: Sendable {
  package var softDeleteChannel: Bool
  package var softDeletePackage: Bool
  package var deletedRetention: Duration
  package var unreferencedBlobLifetime: Duration

  package init(reading reader: inout ConfigurationReader) {
    softDeleteChannel = reader.bool("storage", "soft_delete_channel", default: false)
    softDeletePackage = reader.bool("storage", "soft_delete_package", default: false)
    deletedRetention = .seconds(
      86_400 * reader.integer("storage", "deleted_retention_days", default: 30, in: 1...36_500))
    unreferencedBlobLifetime = .seconds(
      3600 * reader.integer("storage", "unreferenced_blob_hours", default: 24, in: 1...87_600))
  }
}
