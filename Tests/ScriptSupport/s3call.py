"""Signed requests to an S3 server, for looking at a bucket from outside (AWS Signature Version 4)."""

import datetime
import hashlib
import hmac
import http.client
import re
from urllib.parse import urlsplit


def call(
    options: dict[str, str], method: str, path: str, query: str = "", *, body: bytes = b"", signed_body: bytes | None = None,
    fields: dict[str, str] | None = None, region: str | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Status, fields (lower case) and body of the answer.

    `query` must be sorted and encoded as it is to be signed, e.g. `uploads=`; `signed_body` and `region` are for requests
    that a server should refuse.
    """
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    host = urlsplit(options["url"]).netloc
    digest = hashlib.sha256(body if signed_body is None else signed_body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now, **(fields or {})}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
    scope = f"{now[:8]}/{region or options['region']}/s3/aws4_request"
    key = ("AWS4" + options["secret_key"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={options['access_key']}/{scope}, SignedHeaders={names}, Signature={signature}")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, path + ("?" + query if query else ""), body=body or None, headers=headers)
    response = connection.getresponse()
    return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()


def get(options: dict[str, str], path: str, query: str = "") -> tuple[int, bytes]:
    """GET `path`: status and body."""
    status, _, body = call(options, "GET", path, query)
    return status, body


def multipart_uploads(options: dict[str, str]) -> list[str]:
    """The keys of all multipart uploads that are neither complete nor aborted."""
    status, body = get(options, f"/{options['bucket_name']}", "uploads=")
    if status != 200:
        raise SystemExit(f"the multipart uploads cannot be listed: {status} {body[:300]!r}")
    return re.findall(r"<Upload>.*?<Key>(.*?)</Key>", body.decode(), re.DOTALL)
