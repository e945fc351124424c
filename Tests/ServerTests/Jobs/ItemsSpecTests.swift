import Server
import Testing

@Suite struct ItemsSpecTests {
  @Test(arguments: [
    ("*", "a", ["1.0"], true), ("a", "a", ["1.0"], true), ("a", "ab", ["1.0"], false),
    ("NUM*", "numpy", ["1.0"], true), ("num*", "num", ["1"], true), ("*py", "numpy", ["1"], true),
    ("n*p*", "numpy", ["1"], true), ("n*z", "numpy", ["1"], false), ("a,b", "b", ["1"], true),
    ("a==1.0", "a", ["0.9", "1.0"], true), ("a==1", "a", ["1.0"], true), ("a==1.1", "a", ["1.0"], false),
    // As versions, not as text.
    ("a>=1.10", "a", ["1.9"], false), ("a>=1.9", "a", ["1.10"], true), ("a>1.0,<2", "a", ["2.0"], false),
    ("a>1.0,<2", "a", ["0.9", "1.5"], true), ("a>1.0,<2,b", "b", ["7"], true), ("a<=1.0", "a", ["1.0"], true),
    ("a>1.0,<2", "a", ["0.5", "2.5"], false), ("", "a", ["1"], false), ("a=1", "a", ["1"], false),
    ("a", "a", [], false), ("a*", "a", ["1"], true), ("*a*", "bab", ["1"], true),
    ("ab*ba", "aba", ["1"], false),
    ("*a*b*c", "xxaxbxc", ["1"], true), ("*a*b*c", "xxbxaxc", ["1"], false),
    (String(repeating: "*a", count: 40) + "*b", String(repeating: "a", count: 64), ["1"], false),
  ])
  func choosesByNameAndVersion(spec: String, name: String, versions: [String], isMeant: Bool) async {
    #expect(await ItemsSpec(parsing: spec).matches(name: name) { versions } == isMeant)
  }
}
