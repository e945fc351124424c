// swift-tools-version: 6.2
import PackageDescription

// The S3 store's benchmark: a package of its own, so that nobody who builds the server builds it.
let package = Package(
  name: "s3-benchmark",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "quetz", path: "../.."),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "S3Benchmark",
      dependencies: [
        .product(name: "Backends", package: "quetz"), .product(name: "S3Signer", package: "quetz"),
        .product(name: "NIOCore", package: "swift-nio"),
      ])
  ]
)
