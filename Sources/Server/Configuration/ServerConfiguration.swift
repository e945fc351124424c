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
  package var logging: LoggingConfiguration

  package init(reading reader: inout ConfigurationReader) {
    general = GeneralConfiguration(reading: &reader)
    database = DatabaseConfiguration(reading: &reader)
    session = SessionConfiguration(reading: &reader)
    users = UsersConfiguration(reading: &reader)
    uploads = UploadsConfiguration(reading: &reader)
    index = IndexConfiguration(reading: &reader)
    quotas = QuotasConfiguration(reading: &reader)
    storage = StorageConfiguration(reading: &reader)
    logging = LoggingConfiguration(reading: &reader)
    Self.readSectionsOfOtherVersions(&reader)
  }

  /// Upstream's sections that this version does not act on: accepted, so that old files start; refused where
  /// ignoring them would put packages in the wrong place.
  private static func readSectionsOfOtherVersions(_ reader: inout ConfigurationReader) {
    for section in ["s3", "azure_blob", "gcs"] where reader.isConfigured(section) {
      reader.report(
        section, "*", "this version keeps packages on the local file system; remove the section to start")
    }
    for section in [
      "s3", "azure_blob", "gcs", "local_store", "github", "gitlab", "google", "azuread",
      "jupyterhubauthenticator", "pamauthenticator", "cors", "worker", "plugins", "mirroring", "profiling",
      "dictauthenticator", "googleiam",
    ] {
      reader.ignoreSection(section)
    }
  }
}
