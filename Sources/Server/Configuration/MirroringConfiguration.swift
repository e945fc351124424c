/// `[mirroring]`
///
/// - `allow_internal_hosts` (bool, false): whether mirrors and the channels they follow may be on this machine or in a
///   private network.
/// - Upstream's `batch_length`, `batch_size` and `num_parallel_downloads` are accepted, unused.
package struct MirroringConfiguration: Sendable {
  package var allowsInternalHosts: Bool

  package init(reading reader: inout ConfigurationReader) {
    allowsInternalHosts = reader.bool("mirroring", "allow_internal_hosts", default: false)
    reader.ignoreSection("mirroring")
  }
}
