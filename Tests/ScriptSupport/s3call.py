"""One signed request to an S3 server, for looking at a bucket from outside (AWS Signature Version 4)."""

import datetime
import hashlib
import hmac
import http.client
import re
from urllib.parse import urlsplit

EMPTY = hashlib.sha256(b"").hexdigest()


def get(options: dict[str, str], path: str, query: str = "") -> tuple[int, bytes]:
    """GET `path`; `query` must be sorted and encoded as it is to be signed, e.g. `uploads=`."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    host = urlsplit(options["url"]).netloc
    headers = {"host": host, "x-amz-content-sha256": EMPTY, "x-amz-date": now}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"GET\n{path}\n{query}\n{lines}\n{names}\n{EMPTY}"
    scope = f"{now[:8]}/{options['region']}/s3/aws4_request"
    key = ("AWS4" + options["secret_key"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={options['access_key']}/{scope}, SignedHeaders={names}, Signature={signature}")
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", path + ("?" + query if query else ""), headers=headers)
    response = connection.getresponse()
    return response.status, response.read()


def multipart_uploads(options: dict[str, str]) -> list[str]:
    """The keys of all multipart uploads that are neither complete nor aborted."""
    status, body = get(options, f"/{options['bucket_name']}", "uploads=")
    if status != 200:
        raise SystemExit(f"the multipart uploads cannot be listed: {status} {body[:300]!r}")
    return re.findall(r"<Upload>.*?<Key>(.*?)</Key>", body.decode(), re.DOTALL)
