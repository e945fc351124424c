import CondaTypes
import Foundation
import Testing

@testable import Server

@Suite struct ReadCacheTests {
  private static func file(_ byte: UInt8) throws -> ServedFile {
    ServedFile(
      origin: .documents, sha256: try Digest(algorithm: .sha256, bytes: [UInt8](repeating: byte, count: 32)),
      size: 1,
      modifiedAt: Date(timeIntervalSince1970: 0), contentType: "text/plain", caching: .revalidate,
      artifact: nil)
  }

  private let path = ChannelFilePath.document(path: "noarch/repodata.json")

  @Test func keepsAnAnswerPerChannelAndPath() throws {
    let cache = ReadCache()
    cache.insert(try Self.file(1), at: path, channelID: 1, generation: cache.generation(channelID: 1))
    #expect(cache.file(path, channelID: 1) == (try Self.file(1)))
    #expect(cache.file(path, channelID: 2) == nil)
    #expect(cache.file(.document(path: "other"), channelID: 1) == nil)
  }

  @Test func refusesAnAnswerThatWasReadBeforeTheLastChange() throws {
    let cache = ReadCache()
    let generation = cache.generation(channelID: 1)
    cache.forget(channelID: 1)
    cache.insert(try Self.file(1), at: path, channelID: 1, generation: generation)
    #expect(cache.file(path, channelID: 1) == nil)
    cache.insert(try Self.file(2), at: path, channelID: 1, generation: cache.generation(channelID: 1))
    #expect(cache.file(path, channelID: 1) == (try Self.file(2)))
  }

  @Test func forgetsOneChannelOnly() throws {
    let cache = ReadCache()
    for channel in [Int64(1), 2] {
      cache.insert(
        try Self.file(1), at: path, channelID: channel, generation: cache.generation(channelID: channel))
    }
    let generation = cache.generation(channelID: 2)
    cache.forget(channelID: 1)
    #expect(cache.file(path, channelID: 1) == nil)
    #expect(cache.file(path, channelID: 2) != nil)
    #expect(cache.generation(channelID: 2) == generation)
  }

  @Test func staysWithinItsCapacity() throws {
    let cache = ReadCache(capacity: 10)
    for number in 0..<95 {
      let channel = Int64(number % 3)
      cache.insert(
        try Self.file(1), at: .document(path: "\(number)"), channelID: channel,
        generation: cache.generation(channelID: channel))
    }
    let kept = (0..<95).filter { cache.file(.document(path: "\($0)"), channelID: Int64($0 % 3)) != nil }
    #expect((1...10).contains(kept.count))
    #expect(kept.last == 94)
  }

  @Test func replacingAnAnswerCountsOnce() throws {
    let cache = ReadCache(capacity: 2)
    for byte in UInt8(0)..<20 {
      cache.insert(try Self.file(byte), at: path, channelID: 1, generation: 0)
    }
    cache.insert(try Self.file(1), at: .document(path: "other"), channelID: 1, generation: 0)
    #expect(cache.file(path, channelID: 1) == (try Self.file(19)))
    #expect(cache.file(.document(path: "other"), channelID: 1) != nil)
  }

  @Test func neverShowsAStaleAnswerWhileManyReadAndOneWrites() async throws {
    let cache = ReadCache()
    let truth = Truth()
    let files = try (0..<101).map { try Self.file(UInt8($0)) }
    let path = path
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<200 {
            let generation = cache.generation(channelID: 1)
            let version = await truth.version
            cache.insert(files[version], at: path, channelID: 1, generation: generation)
            await Task.yield()
          }
        }
      }
      group.addTask {
        for version in 1...100 {
          await truth.set(version)
          cache.forget(channelID: 1)
          let seen = cache.file(path, channelID: 1)
          #expect(seen == nil || seen == files[version])
          await Task.yield()
        }
      }
    }
    let last = cache.file(path, channelID: 1)
    #expect(last == nil || last == files[100])
  }

  private actor Truth {
    var version = 0
    func set(_ version: Int) { self.version = version }
  }
}
