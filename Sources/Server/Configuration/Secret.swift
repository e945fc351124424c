/// A value that must never be printed: keys, passwords, signing secrets.
///
/// It prints as `•••`; whoever needs the value says `.value`, which is easy to search for.
package struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package let value: Value

  package init(_ value: Value) { self.value = value }

  package var description: String { "•••" }
  package var debugDescription: String { "•••" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable where Value: Equatable {}
