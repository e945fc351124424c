/// Builds the Prometheus text format (version 0.0.4).
///
/// ```
/// # HELP quetz_requests_total Requests by method and route.
/// # TYPE quetz_requests_total counter
/// quetz_requests_total{method="GET",path_template="/api/channels"} 7
/// ```
struct PrometheusText {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// Begins a metric; its samples follow.
  mutating func begin(_ name: String, _ type: String, _ help: String) {
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Int) {
    sample(name, labels, text: String(value))
  }

  mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
    sample(name, labels, text: "\(value)")
  }

  private mutating func sample(_ name: String, _ labels: [(String, String)], text value: String) {
    text += name
    if !labels.isEmpty {
      text += "{" + labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",") + "}"
    }
    text += " \(value)\n"
  }

  private static func escape(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
