/// `[quotas]`
///
/// - `channel_quota` (bytes or size, none): the `size_limit` of new channels.
package struct QuotasConfiguration: Sendable {
  package var channelQuota: ByteSize?

  package init(reading reader: inout ConfigurationReader) {
    channelQuota = reader.optionalByteSize("quotas", "channel_quota")
  }
}
