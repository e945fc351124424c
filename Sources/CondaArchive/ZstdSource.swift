/// What the zstd frames of another source hold.
final class ZstdSource: ByteSource {
  private let source: any ByteSource
  private let frames: ZstdFrames
  private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 128 << 10, alignment: 16)
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var mayHoldMore = false

  /// Decompresses `source`.
  init(_ source: any ByteSource) throws(ArchiveError) {
    self.source = source
    do {
      frames = try ZstdFrames()
    } catch {
      output.deallocate()
      throw .damaged(.zstd, detail: "not enough memory")
    }
  }

  deinit {
    output.deallocate()
  }

  func next() throws(ArchiveError) -> UnsafeRawBufferPointer? {
    while true {
      if input.isEmpty, !mayHoldMore {
        guard let chunk = try source.next() else {
          guard frames.isAtEnd else { throw .damaged(.zstd, detail: "the data ends inside a frame") }
          return nil
        }
        input = chunk
      }
      let count = try step()
      mayHoldMore = count == output.count
      if count > 0 { return UnsafeRawBufferPointer(rebasing: output[..<count]) }
    }
  }

  private func step() throws(ArchiveError) -> Int {
    let wasAtEnd = frames.isAtEnd
    do throws(ZstdError) {
      return try frames.step(&input, into: output)
    } catch {
      if wasAtEnd { throw .trailingBytes(.zstd) }
      guard case .refused(let detail) = error else { throw .damaged(.zstd, detail: "cannot be read") }
      throw .damaged(.zstd, detail: detail)
    }
  }
}
