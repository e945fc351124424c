/// `[uploads]` (ours)
///
/// - `max_size` (size, none): the largest package accepted; larger ones get a 413 as soon as it is clear.
/// - `max_files_per_request` (int, 100): parts of one multipart upload.
package struct UploadsConfiguration: Sendable {
  package var maxSize: ByteSize?
  package var maxFilesPerRequest: Int

  package init(reading reader: inout ConfigurationReader) {
    maxSize = reader.optionalByteSize("uploads", "max_size")
    maxFilesPerRequest = Int(reader.integer("uploads", "max_files_per_request", default: 100, in: 1...10_000))
  }
}
