import Foundation
import Server
import Testing

@Suite struct ConfigurationLoaderTests {
  private static let required = ConfigurationSectionsTests.required

  private func load(
    _ toml: String?, environment: [String: String] = [:]
  ) throws(ConfigurationError) -> ConfigurationLoader.Loaded {
    try ConfigurationLoader(environment: environment).load(toml: toml)
  }

  @Test func reportsAllMistakesTogetherByKey() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try load(
        """
        [general]
        package_unpack_threads = "two"
        [session]
        https_only = "perhaps"
        [users]
        admins = ["alice"]
        default_role = "king"
        [index]
        zstd_level = 99
        [logging]
        level = "loud"
        [quotas]
        channel_quota = "much"
        """)
    }
    #expect(
      Set(error?.problems.map(\.key) ?? []) == [
        "general.package_unpack_threads", "sqlalchemy.database_url", "session.secret", "session.https_only",
        "users.admins", "users.default_role", "index.zstd_level", "logging.level", "quotas.channel_quota",
      ])
    let text = try #require(error?.description)
    #expect(text.hasPrefix("the configuration has 9 mistakes:\n"))
    #expect(text.contains("  - index.zstd_level: found 99, expected a whole number from 1 to 19"))
  }

  @Test func saysInUpstreamsWordsThatARequiredKeyIsMissing() {
    let error = #expect(throws: ConfigurationError.self) {
      try load("[session]\nsecret = \"0123456789abcdef\"")
    }
    #expect(
      error?.problems.map(\.description) == [
        "sqlalchemy.database_url: 'database_url' unset but no default specified for section 'sqlalchemy'"
      ])
  }

  @Test func mergesTheEnvironmentKeyByKey() throws {
    let toml = Self.required + "\nhttps_only = false\n[index]\nzstd_level = 5\ndebounce_ms = 7\n"
    let loaded = try load(
      toml,
      environment: [
        "QUETZ_INDEX_ZSTD_LEVEL": "12", "QUETZ_SESSION_SECRET": "another secret of 29 bytes!!!",
        "QUETZ_USERS_ADMINS": "dummy:alice, dummy:bob", "QUETZ_STORAGE_SOFT_DELETE_PACKAGE": "yes",
      ])
    #expect(loaded.configuration.index.zstdLevel == 12)
    #expect(loaded.configuration.index.debounce == .milliseconds(7))
    #expect(loaded.configuration.session.secret.value == "another secret of 29 bytes!!!")
    #expect(!loaded.configuration.session.httpsOnly)
    #expect(loaded.configuration.users.roles.count == 2)
    #expect(loaded.configuration.storage.softDeletePackage)
    #expect(loaded.warnings.isEmpty)
  }

  @Test func startsFromTheEnvironmentAlone() throws {
    let environment = [
      "QUETZ_SQLALCHEMY_DATABASE_URL": "sqlite:////tmp/q.sqlite", "QUETZ_SESSION_SECRET": "0123456789abcdef",
      "QUETZ_SESSION_HTTPS_ONLY": "no", "PATH": "/bin",
    ]
    let configuration = try load(nil, environment: environment).configuration
    #expect(configuration.database.path == "/tmp/q.sqlite")
    #expect(!configuration.session.httpsOnly)
    #expect(ConfigurationLoader(environment: environment).hasEnvironmentSettings)
  }

  @Test func reportsABadVariableByItsKey() {
    let error = #expect(throws: ConfigurationError.self) {
      try load(Self.required, environment: ["QUETZ_INDEX_ZSTD_LEVEL": "high"])
    }
    #expect(error?.problems.map(\.key) == ["index.zstd_level"])
  }

  @Test(arguments: [
    "QUETZ_CONFIG_FILE", "QUETZ_LOG_LEVEL", "QUETZ_API_KEY", "QUETZ_SERVER_URL", "HOME", "QUETZ_",
    "QUETZ_X_Y",
  ])
  func leavesOtherVariablesAlone(name: String) throws {
    #expect(!ConfigurationLoader(environment: [name: "x"]).hasEnvironmentSettings)
    #expect(try load(Self.required, environment: [name: "x"]).warnings.isEmpty)
  }

  @Test(arguments: [
    ("[index]\nzstd_levle = 3", "unknown key index.zstd_levle; did you mean zstd_level?"),
    (
      "[storage]\nsoft_delete_packages = true",
      "unknown key storage.soft_delete_packages; did you mean soft_delete_package?"
    ),
    ("[users]\nadmin = []", "unknown key users.admin; did you mean admins?"),
    ("[index]\nqqqqqqqqqqqq = 1", "unknown key index.qqqqqqqqqqqq"),
    ("[indx]\nzstd_level = 3", "unknown section [indx]; did you mean [index]?"),
    ("[zzzzzzzzzzzzzzz]\na = 1", "unknown section [zzzzzzzzzzzzzzz]"),
  ])
  func warnsAboutUnknownNamesWithTheNearest(toml: String, warning: String) throws {
    #expect(try load(Self.required + "\n" + toml).warnings == [warning])
  }

  @Test func acceptsUpstreamsSectionsWithoutAWarning() throws {
    let loaded = try load(
      Self.required + """

        [local_store]
        redirect_enabled = false
        redirect_endpoint = "/files"
        [github]
        client_id = "a"
        client_secret = "b"
        [gitlab]
        url = "https://gitlab.example"
        client_id = "a"
        client_secret = "b"
        [google]
        client_id = "a"
        [azuread]
        tenant_id = "common"
        [jupyterhubauthenticator]
        client_id = "a"
        [pamauthenticator]
        provider = "pam"
        admin_groups = ["root"]
        [cors]
        allow_origins = ["*"]
        allow_methods = ["*"]
        [worker]
        type = "thread"
        redis_port = 6379
        [plugins]
        enabled = ["quetz-runexports"]
        [mirroring]
        batch_length = 10
        [profiling]
        enable_sampling = false
        [dictauthenticator]
        users = ["a:b"]
        [googleiam]
        server_admin_emails = []
        [general]
        frontend_dir = ""
        redirect_http_to_https = false
        """)
    #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
  }

  @Test func acceptsUpstreamsUnusedKeys() throws {
    let loaded = try load(
      """
      [sqlalchemy]
      database_url = "sqlite:///./quetz.sqlite"
      database_plugin_path = ""
      echo_sql = true
      postgres_pool_size = 5
      postgres_max_overflow = 50
      [session]
      secret = "0123456789abcdef"
      [users]
      collect_emails = true
      create_default_channel = true
      [logging]
      level = "DEBUG"
      file = "quetz.log"
      """)
    #expect(loaded.warnings.isEmpty, "\(loaded.warnings)")
  }

  @Test(arguments: ["azure_blob", "gcs"]) func refusesOtherStoresClearly(section: String) {
    let error = #expect(throws: ConfigurationError.self) {
      try load(Self.required + "\n[\(section)]\nregion = \"eu\"\nsecret_key = \"do not print me\"")
    }
    #expect(error?.problems.map(\.key) == ["\(section).*"])
    #expect(error?.description.contains("[s3]") == true)
    #expect(error?.description.contains("do not print me") == false)
  }

  @Test func acceptsAnEmptyStoreSection() throws {
    #expect(try load(Self.required + "\n[s3]\n").warnings.isEmpty)
  }

  @Test(arguments: ["[session", "a = ", "[session]\nsecret = 'x", "[a]\nb = 1\nb = 2"])
  func namesTheFileThatIsNoTOML(toml: String) {
    let error = #expect(throws: ConfigurationError.self) { try load(toml) }
    #expect(error?.problems.count == 1)
    #expect(error?.problems.first?.key == "config.toml")
    #expect(error?.problems.first?.message.hasPrefix("not valid TOML") == true)
  }

  @Test func saysWhereTheTOMLIsWrong() {
    let error = #expect(throws: ConfigurationError.self) { try load("[session]\nsecret = \n") }
    #expect(error?.problems.first?.message.contains("line 2") == true, "\(String(describing: error))")
  }

  @Test func refusesAValueOutsideAnySection() {
    let error = #expect(throws: ConfigurationError.self) { try load("secret = 1\n" + Self.required) }
    #expect(error?.problems.map(\.description) == ["secret: found a value outside any [section]"])
  }
}
