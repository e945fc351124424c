import CXML2
import NIOCore

/// An element of one of S3's answers, with what is in it.
///
/// Read with libxml2's SAX parser: a document type declaration ends the parsing, so no entity is ever defined,
/// expanded or fetched; depth and number of elements are bounded, and the caller bounds the bytes.
struct S3XML: Sendable {
  /// The name without its namespace, e.g. `ListBucketResult`.
  let name: String
  /// The text directly in the element.
  fileprivate(set) var text = ""
  /// The elements directly in it, in order.
  fileprivate(set) var children: [S3XML] = []

  /// The text of the first child with this name.
  subscript(name: String) -> String? { children.first { $0.name == name }?.text }

  /// The children with this name.
  func all(_ name: String) -> [S3XML] { children.filter { $0.name == name } }

  /// The bytes that an answer may have: a page of 1,000 keys of 1,024 bytes, all escaped, has 5 MB.
  static let longestAnswer = 8 << 20

  /// Parses a whole document.
  ///
  /// - Returns: The root element; `nil` if it is no well-formed XML, or has what no answer of S3 has.
  static func parse(_ document: ByteBuffer) -> S3XML? {
    let bytes = document.readableBytesView.drop { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0D) }
    guard !bytes.isEmpty, bytes.count <= longestAnswer else { return nil }
    let builder = XMLBuilder()
    var handler = XMLBuilder.handler
    return withExtendedLifetime(builder) {
      let context = Unmanaged.passUnretained(builder).toOpaque()
      guard let parser = xmlCreatePushParserCtxt(&handler, context, nil, 0, nil) else { return nil }
      defer { xmlFreeParserCtxt(parser) }
      builder.parser = parser
      xmlCtxtUseOptions(
        parser, Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue))
      let status = Array(bytes).withUnsafeBytes { raw in
        xmlParseChunk(parser, raw.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(raw.count), 1)
      }
      return status == 0 && parser.pointee.wellFormed == 1 ? builder.root : nil
    }
  }
}

/// Puts elements together while libxml2 reports them.
private final class XMLBuilder {
  static let deepest = 16
  static let mostElements = 200_000

  var parser: UnsafeMutablePointer<xmlParserCtxt>?
  private(set) var root: S3XML?
  private var open: [S3XML] = []
  private var text: [UInt8] = []
  private var count = 0

  static var handler: xmlSAXHandler {
    var handler = xmlSAXHandler()
    handler.initialized = XML_SAX2_MAGIC
    handler.startElementNs = { context, name, _, _, _, _, _, _, _ in
      XMLBuilder.of(context)?.start(name)
    }
    handler.endElementNs = { context, _, _, _ in XMLBuilder.of(context)?.end() }
    handler.characters = { context, bytes, length in XMLBuilder.of(context)?.append(bytes, Int(length)) }
    handler.cdataBlock = { context, bytes, length in XMLBuilder.of(context)?.append(bytes, Int(length)) }
    handler.internalSubset = { context, _, _, _ in XMLBuilder.of(context)?.refuse() }
    // Without it libxml2 writes what it finds to standard error.
    handler.serror = { _, _ in }
    return handler
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> XMLBuilder? {
    context.map { Unmanaged<XMLBuilder>.fromOpaque($0).takeUnretainedValue() }
  }

  private func start(_ name: UnsafePointer<xmlChar>?) {
    count += 1
    guard open.count < Self.deepest, count < Self.mostElements, let name else { return refuse() }
    flushText()
    open.append(S3XML(name: String(cString: name)))
  }

  private func end() {
    flushText()
    guard let element = open.popLast() else { return }
    if open.isEmpty {
      root = element
    } else {
      open[open.count - 1].children.append(element)
    }
  }

  private func append(_ bytes: UnsafePointer<xmlChar>?, _ length: Int) {
    guard let bytes, length > 0 else { return }
    text.append(contentsOf: UnsafeBufferPointer(start: bytes, count: length))
  }

  private func flushText() {
    guard !text.isEmpty else { return }
    if !open.isEmpty { open[open.count - 1].text += String(decoding: text, as: UTF8.self) }
    text.removeAll(keepingCapacity: true)
  }

  private func refuse() {
    root = nil
    open = []
    guard let parser else { return }
    xmlStopParser(parser)
    parser.pointee.wellFormed = 0
  }
}
