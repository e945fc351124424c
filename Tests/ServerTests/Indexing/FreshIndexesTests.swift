import CondaTypes
import NIOCore
import Testing

@testable import Server

@Suite struct FreshIndexesTests {
  private let subdir = SubdirKey(channelID: 1, subdir: "noarch")
  private let other = SubdirKey(channelID: 2, subdir: "noarch")

  private static func digest(_ byte: UInt8) throws -> Digest {
    try Digest(algorithm: .sha256, bytes: [UInt8](repeating: byte, count: 32))
  }

  private static func bytes(_ byte: UInt8, count: Int = 10) -> ByteBuffer {
    ByteBuffer(repeating: byte, count: count)
  }

  @Test func givesWhatWasPutInUntilAFileHasIt() throws {
    let fresh = FreshIndexes()
    let digests = try (1...3).map { try Self.digest($0) }
    for (index, digest) in digests.enumerated() { fresh.add(Self.bytes(UInt8(index)), digest, of: subdir) }
    #expect(fresh.bytes(of: digests[1]) == Self.bytes(1))
    #expect(fresh.subdirs() == [subdir] && fresh.subdirs(of: 2).isEmpty)
    // What was made later may be about to be committed.
    #expect(fresh.noteFile(digests[1], of: subdir) == nil)
    #expect(digests.map(fresh.contains) == [false, false, true])
    #expect(fresh.noteFile(digests[1], of: subdir) == nil)
    #expect(fresh.noteFile(digests[2], of: subdir) == digests[1])
    #expect(fresh.subdirs().isEmpty)
  }

  @Test func forgetsNothingForAFileItDoesNotKnow() throws {
    let fresh = FreshIndexes()
    fresh.add(Self.bytes(1), try Self.digest(1), of: subdir)
    #expect(fresh.noteFile(try Self.digest(9), of: subdir) == nil)
    #expect(fresh.contains(try Self.digest(1)))
  }

  @Test func namesTheOlderOnesButForTheLastFew() throws {
    let fresh = FreshIndexes()
    for number in 1...6 as ClosedRange<UInt8> {
      fresh.add(Self.bytes(number), try Self.digest(number), of: subdir)
    }
    #expect(fresh.passed(of: subdir) == [try Self.digest(1), try Self.digest(2)])
    #expect(fresh.passed(of: other).isEmpty)
    // One that is made again is the newest.
    fresh.add(Self.bytes(1), try Self.digest(1), of: subdir)
    #expect(fresh.passed(of: subdir) == [try Self.digest(2), try Self.digest(3)])
    fresh.drop(try Self.digest(2), of: subdir)
    #expect(fresh.passed(of: subdir) == [try Self.digest(3)])
  }

  /// For the next index, once no other subdir has them.
  @Test func handsBackBytesThatNobodyHasAnyMore() throws {
    let fresh = FreshIndexes()
    for subdir in [subdir, other] { fresh.add(Self.bytes(1), try Self.digest(1), of: subdir) }
    #expect(fresh.drop(try Self.digest(1), of: subdir) == nil)
    #expect(fresh.drop(try Self.digest(1), of: other) == Self.bytes(1))
    #expect(fresh.drop(try Self.digest(1), of: other) == nil)
    #expect(fresh.bytes(of: try Self.digest(1)) == nil)
  }

  @Test func keepsEqualBytesForBothSubdirs() throws {
    let fresh = FreshIndexes(capacity: 10)
    let digest = try Self.digest(1)
    for subdir in [subdir, other] { fresh.add(Self.bytes(1), digest, of: subdir) }
    #expect(fresh.excess(adding: 0) == nil, "they are there once")
    fresh.forget(other)
    #expect(fresh.contains(digest))
    fresh.noteFile(digest, of: subdir)
    #expect(!fresh.contains(digest))
    #expect(fresh.excess(adding: 11) == nil, "nothing is left to be written")
  }

  @Test func givesTheOldestOfAllOnceThereAreTooManyBytes() throws {
    let fresh = FreshIndexes(capacity: 25)
    fresh.add(Self.bytes(1), try Self.digest(1), of: other)
    fresh.add(Self.bytes(2), try Self.digest(2), of: subdir)
    #expect(fresh.excess(adding: 5) == nil)
    let oldest = try #require(fresh.excess(adding: 6))
    #expect(oldest.digest == (try Self.digest(1)) && oldest.bytes == Self.bytes(1))
    fresh.drop(oldest.digest, of: oldest.subdir)
    #expect(fresh.excess(adding: 6) == nil)
  }
}
