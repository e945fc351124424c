"""The same request, signed by botocore with its clock stopped."""

import datetime
from types import SimpleNamespace
from urllib.parse import quote

import botocore
import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

VERSION = botocore.__version__
UNRESERVED = "-._~"


class Recorder:
    """Mixed into botocore's signers: keeps the canonical request."""

    canonical = None

    def canonical_request(self, request):
        self.canonical = super().canonical_request(request)
        return self.canonical


class HeaderSigner(Recorder, botocore.auth.S3SigV4Auth):
    pass


class QuerySigner(Recorder, botocore.auth.S3SigV4QueryAuth):
    pass


def sign(line):
    """The canonical request, and the `Authorization` field or the URL's path and query."""
    query = "&".join(f"{quote(name, safe=UNRESERVED)}={quote(value, safe=UNRESERVED)}" for name, value in line["query"])
    host = dict(line["headers"])["Host"]
    url = f"{line['scheme']}://{host}{line['path']}" + (f"?{query}" if query else "")
    request = AWSRequest(method=line["method"], url=url, data=line.get("body", "").encode())
    for name, value in line["headers"]:
        if name != "Host":
            request.headers.add_header(name, value)
    signs_payload = line["payload"] != "UNSIGNED-PAYLOAD"
    request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": signs_payload})

    moment = datetime.datetime.fromtimestamp(line["seconds"], datetime.timezone.utc)
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: moment.replace(tzinfo=None)
    credentials = Credentials(line["accessKey"], line["secretKey"], line["token"])
    if "expires" in line:
        signer = QuerySigner(credentials, "s3", line["region"], expires=line["expires"])
        signer.add_auth(request)
        return signer.canonical, request.url[len(f"{line['scheme']}://{host}") :]
    signer = HeaderSigner(credentials, "s3", line["region"])
    signer.add_auth(request)
    return signer.canonical, request.headers["Authorization"]
