/// Bytes that are pulled chunk by chunk: a file, what a decompressor makes of one, a member of a ZIP.
///
/// An artifact is read through a chain of these, so no layer is ever whole in memory.
protocol ByteSource: AnyObject {
  /// The next bytes, never none; `nil` at the end. Valid until the next call.
  func next() throws(ArchiveError) -> UnsafeRawBufferPointer?
}
