import Foundation

extension String {
  /// Whether this text sorts before another by the bytes of its UTF-8; Swift's own `<` orders by Unicode
  /// normal form.
  package func precedesByBytes(_ other: String) -> Bool {
    let order = utf8.withContiguousStorageIfAvailable { left in
      other.utf8.withContiguousStorageIfAvailable { right -> Bool in
        let count = Swift.min(left.count, right.count)
        // An empty text may have no address, which memcmp must not be given.
        guard count > 0, let first = left.baseAddress, let second = right.baseAddress else {
          return left.count < right.count
        }
        let difference = memcmp(first, second, count)
        return difference == 0 ? left.count < right.count : difference < 0
      }
    }
    return (order ?? nil) ?? utf8.lexicographicallyPrecedes(other.utf8)
  }
}

extension Dictionary where Key == String {
  /// The members in order of their keys' UTF-8 bytes.
  func sortedByKey() -> [(key: String, value: Value)] {
    sorted { $0.key.precedesByBytes($1.key) }
  }
}
