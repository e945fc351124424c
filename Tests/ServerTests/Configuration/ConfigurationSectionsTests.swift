import Logging
import Metadata
import Testing

@testable import Server

/// Each key of each section: its default, what it accepts, what it refuses.
@Suite struct ConfigurationSectionsTests {
  static let required = """
    [sqlalchemy]
    database_url = "sqlite:///./quetz.sqlite"
    [session]
    secret = "0123456789abcdef"
    """

  private func load(_ toml: String, environment: [String: String] = [:]) throws -> ServerConfiguration {
    try ConfigurationLoader(environment: environment).load(toml: Self.required + "\n" + toml).configuration
  }

  private func problems(_ toml: String) -> [ConfigurationProblem] {
    do {
      _ = try ConfigurationLoader(environment: [:]).load(toml: Self.required + "\n" + toml)
      return []
    } catch {
      return error.problems
    }
  }

  @Test func hasADefaultForEverythingElse() throws {
    let configuration = try load("")
    #expect(configuration.general.packageUnpackThreads == 2)
    #expect(configuration.database.path == "./quetz.sqlite")
    #expect(configuration.session.httpsOnly)
    #expect(configuration.users.roles.isEmpty)
    #expect(configuration.users.defaultRole == nil)
    #expect(configuration.uploads.maxSize == nil)
    #expect(configuration.uploads.maxFilesPerRequest == 100)
    #expect(configuration.index.debounce == .milliseconds(200))
    #expect(configuration.index.maxDelay == .seconds(2))
    #expect((configuration.index.zstdLevel, configuration.index.shardZstdLevel) == (17, 3))
    #expect(configuration.index.retiredShardLifetime == .seconds(7 * 86_400))
    #expect(configuration.quotas.channelQuota == nil)
    #expect(!configuration.storage.softDeleteChannel && !configuration.storage.softDeletePackage)
    #expect(configuration.storage.unreferencedBlobLifetime == .seconds(86_400))
    #expect(configuration.logging.level == .info)
  }

  @Test(arguments: [
    ("[general]\npackage_unpack_threads = 0", "general.package_unpack_threads"),
    ("[general]\npackage_unpack_threads = \"many\"", "general.package_unpack_threads"),
    ("[users]\nadmins = [\"alice\"]", "users.admins"), ("[users]\nmembers = [1]", "users.members"),
    ("[users]\ndefault_role = \"king\"", "users.default_role"),
    ("[users]\ncollect_emails = \"perhaps\"", "users.collect_emails"),
    ("[uploads]\nmax_size = \"huge\"", "uploads.max_size"), ("[uploads]\nmax_size = -1", "uploads.max_size"),
    ("[uploads]\nmax_files_per_request = 0", "uploads.max_files_per_request"),
    ("[index]\nzstd_level = 20", "index.zstd_level"), ("[index]\nzstd_level = 3.5", "index.zstd_level"),
    ("[index]\ndebounce_ms = -1", "index.debounce_ms"),
    ("[index]\nretired_shard_days = 9999", "index.retired_shard_days"),
    ("[quotas]\nchannel_quota = \"3 parsecs\"", "quotas.channel_quota"),
    ("[storage]\nsoft_delete_package = 2", "storage.soft_delete_package"),
    ("[storage]\nunreferenced_blob_hours = 0", "storage.unreferenced_blob_hours"),
    ("[logging]\nlevel = \"loud\"", "logging.level"),
  ])
  func refusesBadValuesByKey(toml: String, key: String) {
    #expect(problems(toml).map(\.key) == [key])
  }

  @Test(arguments: [
    ("postgresql://user:pw@host/db", "postgresql"), ("mysql://x", "mysql"), ("sqlite:///", "no file name"),
    ("sqlite:quetz.sqlite", "sqlite:///PATH"), ("quetz.sqlite", "sqlite:///PATH"),
  ])
  func refusesOtherDatabasesByName(url: String, words: String) throws {
    let toml = "[sqlalchemy]\ndatabase_url = \"\(url)\"\n[session]\nsecret = \"0123456789abcdef\""
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationLoader(environment: [:]).load(toml: toml)
    }
    #expect(error?.problems.map(\.key) == ["sqlalchemy.database_url"])
    let text = try #require(error?.description)
    #expect(text.contains(words), "\(text)")
    #expect(!text.contains(":pw@"), "a password is in the message: \(text)")
  }

  @Test func takesAnAbsoluteDatabasePath() throws {
    let toml =
      "[sqlalchemy]\ndatabase_url = \"sqlite:////srv/q.sqlite\"\n[session]\nsecret = \"0123456789abcdef\""
    let configuration = try ConfigurationLoader(environment: [:]).load(toml: toml).configuration
    #expect(configuration.database.path == "/srv/q.sqlite")
    #expect(Deployment(path: "/tmp/d").databaseFile(configuration.database) == "/srv/q.sqlite")
    #expect(Deployment(path: "/tmp/d").databaseFile(try load("").database) == "/tmp/d/quetz.sqlite")
  }

  @Test func refusesAShortSecretWithoutRepeatingIt() throws {
    let toml = "[sqlalchemy]\ndatabase_url = \"sqlite:///q\"\n[session]\nsecret = \"hunter2\""
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationLoader(environment: [:]).load(toml: toml)
    }
    #expect(error?.problems.map(\.key) == ["session.secret"])
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func neverPrintsTheSecret() throws {
    let configuration = try load("")
    for text in [
      "\(configuration)", String(reflecting: configuration), String(reflecting: configuration.session.secret),
    ] {
      #expect(!text.contains("0123456789abcdef"))
    }
    var dumped = ""
    dump(configuration.session, to: &dumped)
    #expect(!dumped.contains("0123456789abcdef"))
    #expect(configuration.session.secret.value == "0123456789abcdef")
  }

  @Test func givesTheHighestRoleOfAllLists() throws {
    let users = try load(
      """
      [users]
      admins = ["dummy:alice"]
      maintainers = ["dummy:bob", "dummy:alice"]
      members = ["github:a:b", "dummy:bob"]
      default_role = "member"
      """
    ).users
    #expect(users.roles[.init(provider: "dummy", login: "alice")] == .owner)
    #expect(users.roles[.init(provider: "dummy", login: "bob")] == .maintainer)
    #expect(users.roles[.init(provider: "github", login: "a:b")] == .member)
    #expect(users.roles.count == 3)
    #expect(users.defaultRole == .member)
  }

  @Test(arguments: [
    ("1000", 1000), ("\"1000\"", 1000), ("\"20 MiB\"", 20_971_520), ("\"20MB\"", 20_000_000),
    ("\"1.5 GB\"", 1_500_000_000),
    ("\"1 TiB\"", 1_099_511_627_776), ("\"5 kb\"", 5000), ("0", 0),
  ])
  func readsSizes(value: String, bytes: Int64) throws {
    #expect(try load("[quotas]\nchannel_quota = \(value)").quotas.channelQuota?.bytes == bytes)
    #expect(try load("[uploads]\nmax_size = \(value)").uploads.maxSize?.bytes == bytes)
  }

  @Test(arguments: ["1 PB", "-5", "", "GB", "1.2.3", "1e3", "99999999 TB", "٣"])
  func refusesOtherTextAsASize(text: String) {
    #expect(ByteSize(parsing: text) == nil)
  }

  @Test(arguments: ["critical", "error", "warning", "warn", "info", "debug", "trace", "INFO", "Debug"])
  func readsLevelsInAnyCase(word: String) throws {
    let expected = try #require(
      Logger.Level(rawValue: word.lowercased() == "warn" ? "warning" : word.lowercased()))
    #expect(try load("[logging]\nlevel = \"\(word)\"").logging.level == expected)
  }
}
