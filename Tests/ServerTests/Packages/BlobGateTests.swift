import CondaTypes
import Server
import Testing

@Suite struct BlobGateTests {
  private static func digest(_ byte: UInt8) throws -> Digest {
    try Digest(algorithm: .sha256, bytes: [UInt8](repeating: byte, count: 32))
  }

  @Test func aDigestWithUploadsIsNotRemoved() async throws {
    let (gate, digest) = (BlobGate(), try Self.digest(1))
    await gate.enter(digest)
    await gate.enter(digest)
    gate.leave(digest)
    let early = await gate.remove(digest) { Issue.record("removed under an upload") }
    #expect(!early)
    gate.leave(digest)
    let journal = Journal()
    let late = await gate.remove(digest) { await journal.note("removed") }
    #expect(late)
    #expect(await journal.lines == ["removed"])
  }

  @Test func otherDigestsDoNotMatter() async throws {
    let gate = BlobGate()
    await gate.enter(try Self.digest(1))
    #expect(await gate.remove(try Self.digest(2)) {})
  }

  @Test func uploadsWaitForTheEndOfARemoval() async throws {
    let (gate, digest, journal) = (BlobGate(), try Self.digest(1), Journal())
    let (started, start) = AsyncStream<Void>.makeStream()
    let (finishes, finish) = AsyncStream<Void>.makeStream()
    async let removal = gate.remove(digest) {
      start.finish()
      for await _ in finishes {}
      await journal.note("removed")
    }
    for await _ in started {}
    let second = await gate.remove(digest) { Issue.record("two removals at once") }
    #expect(!second)
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          await gate.enter(digest)
          await journal.note("entered")
        }
      }
      finish.finish()
    }
    #expect(await removal)
    #expect(await journal.lines == ["removed"] + [String](repeating: "entered", count: 16))
    let third = await gate.remove(digest) { Issue.record("removed under 16 uploads") }
    #expect(!third)
  }

  @Test func aRemovalThatFailsLetsUploadsIn() async throws {
    struct Failure: Error {}
    let (gate, digest) = (BlobGate(), try Self.digest(1))
    await #expect(throws: Failure.self) { try await gate.remove(digest) { throw Failure() } }
    await gate.enter(digest)
    gate.leave(digest)
    #expect(await gate.remove(digest) {})
  }

  /// Uploads and removals of few digests by many tasks: never both of one digest at a time.
  @Test func uploadsAndRemovalsExcludeEachOther() async throws {
    let (gate, occupancy) = (BlobGate(), Occupancy())
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        let digest = try Self.digest(UInt8(number % 3))
        group.addTask {
          if number % 4 == 0 {
            await gate.remove(digest) {
              await occupancy.enter(digest, isRemoval: true)
              await Task.yield()
              await occupancy.leave(digest, isRemoval: true)
            }
          } else {
            await gate.enter(digest)
            await occupancy.enter(digest, isRemoval: false)
            await Task.yield()
            await occupancy.leave(digest, isRemoval: false)
            gate.leave(digest)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(await occupancy.conflicts == 0)
    #expect(await occupancy.visits > 150)
  }

  private actor Journal {
    private(set) var lines: [String] = []
    func note(_ line: String) { lines.append(line) }
  }

  private actor Occupancy {
    private var uploads: [Digest: Int] = [:]
    private var removals: [Digest: Int] = [:]
    private(set) var conflicts = 0
    private(set) var visits = 0

    func enter(_ digest: Digest, isRemoval: Bool) {
      visits += 1
      if isRemoval { removals[digest, default: 0] += 1 } else { uploads[digest, default: 0] += 1 }
      let isConflict =
        removals[digest, default: 0] > 1
        || (removals[digest, default: 0] > 0 && uploads[digest, default: 0] > 0)
      if isConflict { conflicts += 1 }
    }

    func leave(_ digest: Digest, isRemoval: Bool) {
      if isRemoval { removals[digest, default: 0] -= 1 } else { uploads[digest, default: 0] -= 1 }
    }
  }
}
