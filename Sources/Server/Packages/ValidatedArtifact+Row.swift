import CondaTypes
import Foundation
import Metadata

/// The facts of an artifact's file, known once its bytes are stored.
struct ArtifactFileFacts: Sendable {
  let size: Int64
  let sha256: Digest
  let md5: Digest
}

extension ValidatedArtifact {
  /// What the database keeps of this artifact.
  ///
  /// - Parameters:
  ///   - file: Its bytes, which are stored already.
  ///   - channel: Where it is published.
  ///   - uploaderID: Who uploads (a key's owner, not its pseudo-user).
  ///   - now: The time of the upload.
  func row(file: ArtifactFileFacts, channel: ChannelRow, uploaderID: UUID, now: Date) -> NewArtifact {
    NewArtifact(
      channelID: channel.id, packageName: name.name.value, subdir: index.subdir.value,
      fileName: name.fileName, format: name.format.rawValue, version: index.version,
      build: index.build.value, buildNumber: index.buildNumber, size: file.size, sha256: file.sha256,
      md5: file.md5, info: info(file), runExports: runExports?.json.canonicalText(),
      channelData: ChannelDataEntry(index: index, about: about, runExports: runExports, paths: paths),
      summary: about?.summary, description: about?.description, uploaderID: uploaderID,
      createPackageOwner: true, now: now, sizeLimit: channel.sizeLimit)
  }

  /// The package record in both forms.
  ///
  /// - Parameter times: What the database decided.
  func record(file: ArtifactFileFacts, times: RecordTimes) -> RenderedRecord {
    let record = PackageRecord(
      index: index, sha256: file.sha256, md5: file.md5, size: file.size,
      indexedTimestamp: times.indexedTimestamp, timeModified: Int64(times.timeModified.timeIntervalSince1970))
    // CEP 21: absent means unknown, {} means none; a package without the file has none.
    return RenderedRecord(
      json: record.json.canonicalText(),
      messagePack: record.messagePack(runExports: runExports ?? RunExports())
    )
  }

  /// Upstream's `info`: index.json as it is, with the archive's own facts.
  private func info(_ file: ArtifactFileFacts) -> String {
    var fields = index.fields
    fields["size"] = .integer(file.size)
    fields["md5"] = .string(file.md5.hex)
    fields["sha256"] = .string(file.sha256.hex)
    return JSONValue.object(fields).canonicalText()
  }
}
