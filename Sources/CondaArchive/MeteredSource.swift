import Foundation

/// What a decompressor puts out, stopped as soon as it is more than the limits allow.
final class MeteredSource: ByteSource {
  /// Bytes that have come out.
  private(set) var count: Int64 = 0
  /// Where the last byte other than zero ended: what follows is the padding of a tar archive.
  private(set) var contentEnd: Int64 = 0
  private let source: any ByteSource
  private let inputSize: Int64
  private let limits: ArtifactLimits
  private let deadline: Deadline

  /// Meters `source`, which decompresses `inputSize` bytes.
  init(_ source: any ByteSource, inputSize: Int64, limits: ArtifactLimits, deadline: Deadline) {
    self.source = source
    self.inputSize = inputSize
    self.limits = limits
    self.deadline = deadline
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    try deadline.check()
    guard let chunk = try source.next() else { return nil }
    if let last = Self.lastNonZero(chunk) {
      contentEnd = count + Int64(last) + 1
    }
    count += Int64(chunk.count)
    guard count <= limits.maxExpandedSize else { throw .expandsTooMuch(limit: limits.maxExpandedSize) }
    if count > limits.expansionRatioFloor, Double(count) > Double(inputSize) * limits.maxExpansionRatio {
      throw .expansionRatioTooHigh(limit: limits.maxExpansionRatio)
    }
    return chunk
  }

  private static func lastNonZero(_ chunk: UnsafeRawBufferPointer) -> Int? {
    guard let start = chunk.baseAddress, let first = chunk.first else { return nil }
    // All zeros means equal to itself one byte further on: memcmp is far quicker than a loop.
    if first == 0, memcmp(start, start + 1, chunk.count - 1) == 0 { return nil }
    return chunk.lastIndex { $0 != 0 }
  }
}
