// swift-tools-version: 6.2
import PackageDescription

// The module graph of docs/ARCHITECTURE.md, one target per part; a target imports only from rows below its own.
// Warnings are errors wherever CI is set (`make test` and `make lint` set it for our own targets only).

let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
  ] + (Context.environment["CI"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// A target of ours: its folder is `Sources/<name>`.
func part(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// An executable of ours: its folder is `Sources/<name>`.
func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: swiftSettings)
}

/// A test target of ours: its folder is `Tests/<name>`.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

/// A C library of Debian's, with its module map in `Sources/System/<name>`.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(
    name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioHTTPTypesHTTP1: Target.Dependency = .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")

let package = Package(
  name: "quetz",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "quetz", targets: ["quetz"]),
    .executable(name: "quetz-client", targets: ["quetz-client"]),
    // For the packages in Benchmarks/
    .library(name: "Backends", targets: ["Backends"]),
    .library(name: "S3Signer", targets: ["S3Signer"]),
  ],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // 0: Debian's C libraries
    system("CCurlLibrary", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    .target(name: "CCurl", dependencies: ["CCurlLibrary"], path: "Sources/System/CCurl"),
    .target(name: "CMalloc", path: "Sources/System/CMalloc"),
    system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    system("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
    system("CXML2", pkgConfig: "libxml-2.0", apt: "libxml2-dev"),
    system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),

    // 1: values and single-purpose machinery
    part("Locks", []),
    part("CondaTypes", []),
    part("S3Signer", ["COpenSSL"]),
    part("CurlHTTP", ["CCurl", "Locks", httpTypes, nioCore]),

    // 2: the rooms the server is built from
    part("Metadata", ["CondaTypes", "Locks", grdb, sqlite]),
    part("CondaArchive", ["CondaTypes", "CArchive", "CZstd"]),
    part("APITypes", ["CondaTypes"]),
    part("Backends", ["S3Signer", "CurlHTTP", "COpenSSL", "CXML2", "Locks", httpTypes, nioCore]),

    // 3: what the executables assemble
    part("BackendConformance", ["Backends", "Locks", nioCore]),
    part("Client", ["APITypes", "CurlHTTP", "COpenSSL", "Locks", httpTypes, nioCore]),
    part(
      "Server",
      [
        "Metadata", "CondaArchive", "APITypes", "Backends", "CondaTypes", "CurlHTTP", "COpenSSL", "Locks",
        "S3Signer",
        hummingbird, hummingbirdCore, nioCore, nioPosix, nioHTTP1, nioHTTPTypes, nioHTTPTypesHTTP1,
        nioFoundation,
        httpTypes, lifecycle, signals, logging, toml,
      ]),

    // 4: the executables
    program(
      "quetz",
      [
        "Server", "Metadata", "BackendConformance", "Backends", "CMalloc", "Locks", arguments, logging,
        lifecycle,
        signals,
      ]),
    program("quetz-client", ["APITypes", "Client", arguments]),

    // Tests: each on real parts; `TestSupport` is what several of them share
    .target(
      name: "TestSupport",
      dependencies: ["CondaTypes", "CondaArchive", "CArchive", "CZstd", "Backends", "Locks"],
      path: "Tests/TestSupport", swiftSettings: swiftSettings),
    tests("S3SignerTests", ["S3Signer"], resources: [.copy("Vectors")]),
    // Not a test: `Tests/SigningTest` compares its signatures with botocore's (`make sign-test`).
    .executableTarget(
      name: "sign-requests", dependencies: ["S3Signer"], path: "Tests/SigningTest/Program",
      swiftSettings: swiftSettings),
    tests("CondaTypesTests", ["CondaTypes"], resources: [.copy("Data")]),
    // Not a test: `Tests/MatchSpecTest` compares its answers with rattler's (`make matchspec-test`).
    .executableTarget(
      name: "matchspec-driver", dependencies: ["CondaTypes"], path: "Tests/MatchSpecTest/Driver",
      swiftSettings: swiftSettings),
    tests("CondaArchiveTests", ["CondaArchive", "CondaTypes", "TestSupport"]),
    tests("CurlHTTPTests", ["CurlHTTP", "Locks", httpTypes, nioCore]),
    tests(
      "BackendsTests",
      [
        "Backends", "BackendConformance", "CurlHTTP", "S3Signer", "Locks", "TestSupport", httpTypes, nioCore,
      ]),
    tests("MetadataTests", ["Metadata", "CondaTypes", "Locks", grdb], resources: [.copy("Snapshots")]),
    tests("ClientTests", ["APITypes", "Client", "CurlHTTP", "Locks", httpTypes, nioCore]),
    tests(
      "ServerTests",
      [
        "Server", "Metadata", "Backends", "CondaTypes", "CondaArchive", "APITypes", "CurlHTTP", "TestSupport",
        hummingbird, httpTypes, logging, nioCore,
      ]),
    tests(
      "EndToEndTests", ["quetz", "quetz-client", "CurlHTTP", "CondaTypes", "TestSupport", httpTypes, nioCore]),
  ]
)
