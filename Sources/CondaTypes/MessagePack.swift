/// MessagePack, the binary form of shards: the part of it that JSON data and digests need.
///
///     first byte   meaning                     followed by
///     00-7F        0…127                       -
///     80-8F        map of 0…15 members         key, value, key, value …
///     90-9F        array of 0…15 values        values
///     A0-BF        text of 0…31 bytes          UTF-8
///     C0 C2 C3     nil, false, true            -
///     C4 C5 C6     binary                      length in 1, 2, 4 bytes, bytes
///     C7 C8 C9     extension                   length in 1, 2, 4 bytes, type, bytes
///     CA CB        number                      IEEE 754, 4 or 8 bytes
///     CC-CF        whole number of 0 or more   1, 2, 4, 8 bytes
///     D0-D3        whole number                1, 2, 4, 8 bytes, two's complement
///     D4-D8        extension                   type, 1, 2, 4, 8, 16 bytes
///     D9 DA DB     text                        length in 1, 2, 4 bytes, UTF-8
///     DC DD        array                       count in 2, 4 bytes, values
///     DE DF        map                         count in 2, 4 bytes, key, value …
///     E0-FF        -32…-1                      -
///
/// All numbers are big-endian. Source: the MessagePack specification (msgpack/msgpack, spec.md).
public enum MessagePack {
  /// Reads one value that fills all of `bytes`.
  ///
  /// - Throws: `ParseError` with the offset: cut off, text not in UTF-8, over 64 levels, the unused byte C1,
  ///   anything after it.
  public static func decode(_ bytes: [UInt8]) throws(ParseError) -> MessagePackValue {
    var decoder = MessagePackDecoder(bytes: bytes)
    return try decoder.decodeDocument()
  }
}
