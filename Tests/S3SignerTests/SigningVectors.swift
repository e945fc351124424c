import Testing

/// Some of the project's own signing vectors (made with botocore and an independent signer, which agree;
/// clock fixed).
///
/// The whole set comes with the whole signer.
struct SigningVector: Sendable, CustomTestStringConvertible {
  let name: String
  let accessKeyID: String
  let secretAccessKey: String
  let region: String
  /// The moment of signing, as seconds since 1970 and as `X-Amz-Date`.
  let seconds: Int64
  let timestamp: String
  /// The bucket, if it is part of the path and not of the host; the key as text; the path on the wire.
  let bucket: String
  let key: String
  let encodedPath: String
  let canonicalRequest: String
  let stringToSign: String
  let signature: String

  var testDescription: String { name }

  static let all = [
    SigningVector(
      name: "key: conda name",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "linux-64/numpy-1.26.4-py312heda63a1_0.conda",
      encodedPath: "/conda-bkt/linux-64/numpy-1.26.4-py312heda63a1_0.conda",
      canonicalRequest: """
        GET
        /conda-bkt/linux-64/numpy-1.26.4-py312heda63a1_0.conda

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        00990083af8338d6706c2fe2e3b8b3369ac1a398ae44e887f14747ea11b521c6
        """,
      signature: "a56d51f109e7be8107fc9ebfa4f4f0bd2faa2e8ffa99a5442a2d503b3d98f9f2"),
    SigningVector(
      name: "key: conda epoch and local version",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "noarch/pkg-1!2.0+cu118-0.tar.bz2",
      encodedPath: "/conda-bkt/noarch/pkg-1%212.0%2Bcu118-0.tar.bz2",
      canonicalRequest: """
        GET
        /conda-bkt/noarch/pkg-1%212.0%2Bcu118-0.tar.bz2

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        39be3839dba7897a4c2142c71b45002560f1bb11c002a7ca12a8676bc42942e0
        """,
      signature: "3dc7f714116d65dede2a5acba4b68b071ddbecfba45a1129f6ec002083355afe"),
    SigningVector(
      name: "key: literal percent",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "100%/50%25",
      encodedPath: "/conda-bkt/100%25/50%2525",
      canonicalRequest: """
        GET
        /conda-bkt/100%25/50%2525

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        090ba608663b78adbb0faef8770eaeaba1da7d938e2e27ac70fc574f17ff976c
        """,
      signature: "2a8f34c2d2798a34f5c7e9d410d34494e3d52de03c8726161b80939f6f3eb6df"),
    SigningVector(
      name: "key: sub-delims",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "k/!*'()",
      encodedPath: "/conda-bkt/k/%21%2A%27%28%29",
      canonicalRequest: """
        GET
        /conda-bkt/k/%21%2A%27%28%29

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        786c1ffae64cda647bbafd6e868b61c3d368e4edf71118749c705961710f2f4c
        """,
      signature: "5024425f9323a52953e56b15d1a9fe37a4e190773fb53e153e3afdfa7788d927"),
    SigningVector(
      name: "key: tilde and unreserved",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "~user/-._~0aZ",
      encodedPath: "/conda-bkt/~user/-._~0aZ",
      canonicalRequest: """
        GET
        /conda-bkt/~user/-._~0aZ

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        698fb5b00693ea27765c76dd6b215265450a361f73f0a3d891509df732a9549c
        """,
      signature: "cfd3ff1deb09b599c29a1837cddcc09c6e732805061a1f2b2ff251fcec0d69df"),
    SigningVector(
      name: "key: unicode NFC",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "\u{FC}n\u{EF}c\u{F6}d\u{E9}/\u{E9}.txt",
      encodedPath: "/conda-bkt/%C3%BCn%C3%AFc%C3%B6d%C3%A9/%C3%A9.txt",
      canonicalRequest: """
        GET
        /conda-bkt/%C3%BCn%C3%AFc%C3%B6d%C3%A9/%C3%A9.txt

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        1516d45bfcf8a0fcd37d0d51798f8ce3b26c32f98c70aec3c44aaa621d5ee319
        """,
      signature: "5392037b185089fb8478dfdf48d7bb86a97fd719a60fc0c3e1dc5352e9b99b04"),
    SigningVector(
      name: "key: unicode NFD (not the same key)",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "e\u{301}.txt",
      encodedPath: "/conda-bkt/e%CC%81.txt",
      canonicalRequest: """
        GET
        /conda-bkt/e%CC%81.txt

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        64744f889fb2749807b057fcddb8bb8dc8b00c5561763166a8b346db57a2ed8a
        """,
      signature: "69cb22f964633e658661ed9aaee39baa50687f65fba60782366edc8eaaca59ce"),
    SigningVector(
      name: "key: emoji (4-byte UTF-8)",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "pkg/\u{1F600}\u{1F40D}.txt",
      encodedPath: "/conda-bkt/pkg/%F0%9F%98%80%F0%9F%90%8D.txt",
      canonicalRequest: """
        GET
        /conda-bkt/pkg/%F0%9F%98%80%F0%9F%90%8D.txt

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        388e8a180522012a2388007d6548112c4fd34f1a6ba8777666c13b3a141ddbfe
        """,
      signature: "041b06c84746fa52d157e9c09d3c58145800e869191d75ac96028dbbf7e4a6af"),
    SigningVector(
      name: "key: dot-dot segment kept",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "a/../b",
      encodedPath: "/conda-bkt/a/../b",
      canonicalRequest: """
        GET
        /conda-bkt/a/../b

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        5c9c7214d25ed6d3163b37a552b8ab96bbaf86be292d71a308d4b26a982d97b3
        """,
      signature: "b7814674391438232a2957a9b21d873d6e1148ad4ab8318cad4d5b122ee9f77e"),
    SigningVector(
      name: "headers: session token",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "obj",
      encodedPath: "/conda-bkt/obj",
      canonicalRequest: """
        GET
        /conda-bkt/obj

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z
        x-amz-security-token:IQoJb3JpZ2luX2VjEHAaCXVzLWVhc3QtMSJHMEUCIQD+tok/en==with+plus/slash==

        host;x-amz-content-sha256;x-amz-date;x-amz-security-token
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        7139f84158b791af84869d7414cf9a1c1f252915811b35e9ae117662a62aa23a
        """,
      signature: "a7531f0ec566635f66a022e45b1b83beb4fddf616a522ae1a14969d4e65ae6bd"),
    SigningVector(
      name: "payload: UNSIGNED-PAYLOAD",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "obj",
      encodedPath: "/conda-bkt/obj",
      canonicalRequest: """
        PUT
        /conda-bkt/obj

        host:s3.example.com
        x-amz-content-sha256:UNSIGNED-PAYLOAD
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        UNSIGNED-PAYLOAD
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        3a3815e8ed232386f15ca6bcaa72c996cf70adeee057532da1f6c7577d4d7ed2
        """,
      signature: "1cbe895ee81c97499704c236cb8e114b7e061f6029e3af2c451a1118bfec4999"),
    SigningVector(
      name: "payload: zero bytes PUT",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "obj",
      encodedPath: "/conda-bkt/obj",
      canonicalRequest: """
        PUT
        /conda-bkt/obj

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        b8259f7c21ce185153bbc60315fa9a280d91f5ba5be19991265e00dc5c2640b2
        """,
      signature: "ab970eda5028281c62d1283f31d812f024a3a5e3325816800b41a5e15e3a79b1"),
    SigningVector(
      name: "region: eu-central-1",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "eu-central-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "", key: "obj",
      encodedPath: "/obj",
      canonicalRequest: """
        GET
        /obj

        host:conda-bkt.s3.eu-central-1.amazonaws.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20240229T235959Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/eu-central-1/s3/aws4_request
        8df9974c71c63eb081fd95f5aefd7d99183d1df6d34c0c5233871d0b8773b949
        """,
      signature: "fc1ce8fbf3b2868db35dc22554603da9c366ed926d113db55563c658387ba5de"),
    SigningVector(
      name: "time: first second of a year",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1735689600, timestamp: "20250101T000000Z",
      bucket: "conda-bkt", key: "obj",
      encodedPath: "/conda-bkt/obj",
      canonicalRequest: """
        DELETE
        /conda-bkt/obj

        host:s3.example.com
        x-amz-content-sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        x-amz-date:20250101T000000Z

        host;x-amz-content-sha256;x-amz-date
        e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20250101T000000Z
        20250101/us-east-1/s3/aws4_request
        0ae3b18c5e9dc6f10a2c82e5dd6f3fbc5d9136686f4b0d8514562f5aeb6dad54
        """,
      signature: "96a6cd4bc7e297e203dd69360ece461b46e2c97f45cfa5d563d5bd3fdbc220c1"),
    SigningVector(
      name: "presigned: GET path style",
      accessKeyID: "AKIAI44QH8DHBEXAMPLE",
      secretAccessKey: "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY",
      region: "us-east-1", seconds: 1709251199, timestamp: "20240229T235959Z",
      bucket: "conda-bkt", key: "linux-64/numpy-1.26.4-py312heda63a1_0.conda",
      encodedPath: "/conda-bkt/linux-64/numpy-1.26.4-py312heda63a1_0.conda",
      canonicalRequest: """
        GET
        /conda-bkt/linux-64/numpy-1.26.4-py312heda63a1_0.conda
        X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAI44QH8DHBEXAMPLE%2F20240229%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20240229T235959Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host
        host:s3.example.com

        host
        UNSIGNED-PAYLOAD
        """,
      stringToSign: """
        AWS4-HMAC-SHA256
        20240229T235959Z
        20240229/us-east-1/s3/aws4_request
        0c3262aa6b055e5849c77f2a9d2a9d92e37925bbdad2bc186638fbcfe38a6b76
        """,
      signature: "9ccc7af184fd51516b0500b387ab0357e8bcc017363db370f1337a6b851c1563"),
  ]
}
