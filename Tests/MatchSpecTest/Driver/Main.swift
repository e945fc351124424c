import CondaTypes

/// What `matchspec_test.py` asks: a line of JSON `{"spec": …, "record": {…}}` comes in, `match`, `no match` or
/// `error: …` goes out.
@main
enum MatchSpecDriver {
  static func main() {
    var known: [String: Result<MatchSpec, ParseError>] = [:]
    while let line = readLine() {
      guard let question = try? JSONValue(parsing: line.utf8), let text = question["spec"]?.asString,
        let record = question["record"]?.asObject
      else {
        print("error: not a question")
        continue
      }
      let spec = known[text] ?? Result { () throws(ParseError) in try MatchSpec(parsing: text) }
      known[text] = spec
      switch spec {
      case .success(let spec): print(spec.matches(MatchCandidate(members: record)) ? "match" : "no match")
      case .failure(let error): print("error: \(error)")
      }
    }
  }
}
