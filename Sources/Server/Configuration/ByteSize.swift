/// A number of bytes, as people write it: `20971520`, `"20 MiB"`, `"1.5 GB"`.
package struct ByteSize: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let bytes: Int64

  package init(bytes: Int64) { self.bytes = bytes }

  /// Binary (KiB, MiB, GiB, TiB) and decimal (kB, MB, GB, TB) units, any case, a space or none between.
  package init?(parsing text: String) {
    let lower = text.lowercased().filter { $0 != " " && $0 != "_" }
    let digits = lower.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number >= 0 else { return nil }
    guard let unit = Self.units[String(lower.dropFirst(digits.count))] else { return nil }
    let bytes = number * unit
    guard bytes < 9.2e18 else { return nil }
    self.bytes = Int64(bytes)
  }

  private static let units: [String: Double] = [
    "": 1, "b": 1,
    "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
    "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776,
  ]

  package static func < (left: ByteSize, right: ByteSize) -> Bool { left.bytes < right.bytes }

  package var description: String { "\(bytes) bytes" }
}
