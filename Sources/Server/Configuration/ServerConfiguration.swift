import CondaTypes

/// Everything a deployment can be told, typed; each part of the server receives only its own section.
package struct ServerConfiguration: Sendable {
  package var general: GeneralConfiguration
  package var database: DatabaseConfiguration
  package var session: SessionConfiguration
  package var users: UsersConfiguration
  package var uploads: UploadsConfiguration
  package var index: IndexConfiguration
  package var quotas: QuotasConfiguration
  package var storage: StorageConfiguration
  package var mirroring: MirroringConfiguration
  package var logging: LoggingConfiguration
  package var localStore: LocalStoreConfiguration
  /// `nil` keeps pages of other servers out.
  package var crossOrigin: CrossOriginConfiguration?
  /// `nil` keeps artifacts on the local file system.
  package var s3: S3SectionConfiguration?

  package init(reading reader: inout ConfigurationReader) {
    general = GeneralConfiguration(reading: &reader)
    database = DatabaseConfiguration(reading: &reader)
    session = SessionConfiguration(reading: &reader)
    users = UsersConfiguration(reading: &reader)
    uploads = UploadsConfiguration(reading: &reader)
    index = IndexConfiguration(reading: &reader)
    quotas = QuotasConfiguration(reading: &reader)
    storage = StorageConfiguration(reading: &reader)
    mirroring = MirroringConfiguration(reading: &reader)
    logging = LoggingConfiguration(reading: &reader)
    localStore = LocalStoreConfiguration(reading: &reader)
    crossOrigin = CrossOriginConfiguration(reading: &reader)
    s3 = S3SectionConfiguration(reading: &reader)
    Self.readSectionsOfOtherVersions(&reader)
  }

  /// Upstream's sections that this version does not act on: accepted, so that old files start; refused where
  /// ignoring them would put packages in the wrong place.
  private static func readSectionsOfOtherVersions(_ reader: inout ConfigurationReader) {
    if reader.isConfigured("azure_blob") {
      reader.report(
        "azure_blob", "*",
        "packages are kept on the local file system or in an [s3] bucket; remove the section")
    }
    if reader.isConfigured("gcs") {
      reader.report(
        "gcs", "*",
        "Google Cloud Storage is used through its S3 interface: replace the section by [s3], as in config/gcs.toml"
      )
    }
    for section in [
      "azure_blob", "gcs", "github", "gitlab", "google", "azuread",
      "jupyterhubauthenticator", "pamauthenticator", "worker", "plugins", "profiling",
      "dictauthenticator", "googleiam",
    ] {
      reader.ignoreSection(section)
    }
  }
}
