import CondaTypes
import Testing

@Suite struct PackageNameTests {
  @Test(arguments: [
    "a", "7za", "numpy", "_libgcc_mutex", "_r-mutex", "python-dateutil", "ruamel.yaml", "a-", "a_",
    "lib.x-y_z",
    String(repeating: "a", count: 64),
  ])
  func readsNamesOfCEP26(text: String) throws {
    #expect(try PackageName(parsing: text).value == text)
  }

  @Test func storesLowerCase() throws {
    #expect(try PackageName(parsing: "NumPy") == PackageName(parsing: "numpy"))
    #expect(try "\(PackageName(parsing: "NumPy"))" == "numpy")
  }

  @Test(arguments: [
    "", "_", "__cuda", "a--b", "a._b", "_-a", "-a", ".a", "..", "../x", "a/b", "a b", "a\u{0}", "a\n",
    "nump\u{443}",
    "\u{430}bc", "ﬁle", "a+b", "K\u{212A}", String(repeating: "a", count: 65),
    String(repeating: "a", count: 300),
  ])
  func refusesWhatCEP26RulesOut(text: String) {
    #expect(throws: ParseError.self) { try PackageName(parsing: text) }
  }

  @Test func saysThatAVirtualNameIsOne() {
    let error = #expect(throws: ParseError.self) { try PackageName(parsing: "__cuda") }
    #expect(error?.expected.contains("virtual") == true)
  }

  @Test func sortsByBytes() throws {
    let names = try ["b", "a_b", "a.b", "a-b", "ab", "a", "_a"].map(PackageName.init(parsing:)).sorted()
    #expect(names.map(\.value) == ["_a", "a", "a-b", "a.b", "a_b", "ab", "b"])
  }
}
