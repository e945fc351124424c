"""Random requests to S3, odd ones on purpose."""

import hashlib
import string
from urllib.parse import quote

METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"]
REGIONS = ["us-east-1", "eu-central-1", "auto", "garage", "x"]
HOSTS = ["s3.example.com", "bucket.s3.example.com", "localhost", "127.0.0.1", "[::1]", "a-b.s3.eu-central-1.example.com"]
PORTS = {"http": ["", ":9000", ":443", ":8080"], "https": ["", ":8443", ":80", ":9001"]}
ODD = [
    "%", "%20", "%2F", "+", " ", "  ", "//", "/./", "/../", "..", ".", "~", "é", "e\u0301", "日本", "😀", "&", "=", "?", "#",
    ";", ":", "@", "!", "$", "'", "(", ")", "*", ",", "[", "]", "{", "}", "|", "\\", "^", "`", '"', "<", ">", "\u00a0", "\u202e",
]  # fmt: skip
PLAIN = string.ascii_letters + string.digits + "-._"
HEADERS = [
    "Content-Type", "Range", "If-None-Match", "Cache-Control", "Content-Disposition", "x-amz-acl", "X-Amz-Meta-Zed",
    "x-amz-meta-a", "X-AMZ-META-b", "x-amz-copy-source", "x-amz-checksum-sha256", "Content-MD5", "x-amz-storage-class",
]  # fmt: skip
PARAMETERS = [
    "list-type", "prefix", "delimiter", "continuation-token", "uploads", "delete", "partNumber", "uploadId", "versionId",
    "response-content-type", "response-content-disposition", "response-cache-control", "a", "a-b", "a.b", "A", "é", "~",
]  # fmt: skip
YEAR_2000, YEAR_2100 = 946_684_800, 4_102_444_800


def text(rng, longest):
    pieces = [rng.choice(ODD) if rng.random() < 0.3 else rng.choice(PLAIN) for _ in range(rng.randint(0, longest))]
    return "".join(pieces)


def header_value(rng):
    """Printable ASCII: what a client may send as it is; spaces in runs and at the ends."""
    characters = PLAIN + "   \t\"'()=;,/*+%&"
    return "".join(rng.choice(characters) for _ in range(rng.randint(0, 30)))


def headers(rng, host):
    chosen = [[name, header_value(rng)] for name in rng.sample(HEADERS, rng.randint(0, 5))]
    if rng.random() < 0.1 and chosen:
        chosen.append([chosen[0][0].swapcase(), header_value(rng)])
    rng.shuffle(chosen)
    return [["Host", host], *chosen]


def make(rng):
    """One request, in the form that the program `sign-requests` reads; `scheme` is for botocore's URL."""
    presigned = rng.random() < 0.5
    scheme = rng.choice(["http", "https"])
    host = rng.choice(HOSTS) + rng.choice(PORTS[scheme])
    line = {
        "accessKey": "AKIA" + "".join(rng.choices(string.ascii_uppercase, k=16)),
        "secretKey": "".join(rng.choices(PLAIN + "/+", k=40)),
        "token": "".join(rng.choices(PLAIN + "/+=", k=rng.randint(1, 300))) if rng.random() < 0.3 else None,
        "region": rng.choice(REGIONS),
        "seconds": rng.randrange(YEAR_2000, YEAR_2100),
        "method": rng.choice(METHODS),
        "scheme": scheme,
        "path": quote("/" + text(rng, 40), safe="/-._~"),
        "query": [
            [rng.choice(PARAMETERS), text(rng, 12) if rng.random() < 0.8 else ""] for _ in range(rng.randint(0, 6))
        ],
        "headers": headers(rng, host),
        "payload": "UNSIGNED-PAYLOAD",
    }
    if presigned:
        line["expires"] = rng.randint(1, 604_800)
        line["query"] = [list(pair) for pair in dict(line["query"]).items()]  # botocore drops repeated names here
    elif rng.random() < 0.7:
        line["body"] = text(rng, 20)
        line["payload"] = hashlib.sha256(line["body"].encode()).hexdigest()
    return line
