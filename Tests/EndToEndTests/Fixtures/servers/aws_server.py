"""A backend of AWS on loopback: aws_server.py

It is the hand-written server of raw_http.py, and takes tools/call signed by SigV4 alone: botocore computes each signature
again, with the secret that moto's security token service gave out. That service is a server of its own; GET /sts tells its
port. GET /role tells who signed the last request.
"""

import datetime
import hashlib
import json
import logging
import re
import threading

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app
from moto.sts.models import sts_backends
from werkzeug.serving import make_server

import raw_http

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/([\w-]+)/([\w-]+)/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w{64})")
signed_by: dict[str, str] = {}
sts_port = 0


class Handler(raw_http.Handler):
    def do_GET(self):
        if self.path == "/sts":
            return self.send(200, json.dumps({"port": sts_port}).encode())
        if self.path == "/role":
            return self.send(200, json.dumps(signed_by).encode())
        super().do_GET()

    def accepts(self, message: dict) -> bool:
        if message.get("method") != "tools/call":
            return True
        try:
            self.verify(raw_http.last_headers["test-body"].encode())
            return True
        except (ValueError, StopIteration) as error:
            signed_by.update(refused=str(error))
            return False

    def verify(self, body: bytes) -> None:
        found = AUTHORIZATION.fullmatch(self.headers.get("Authorization", ""))
        if not found:
            raise ValueError("no signature")
        key, day, region, service, names, signature = found.groups()
        roles = [role for account in sts_backends.values() for backend in account.values() for role in backend.assumed_roles]
        role = next(role for role in roles if role.access_key_id == key)
        stamp = self.headers["X-Amz-Date"]
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.strptime(stamp + "+0000", "%Y%m%dT%H%M%SZ%z")
        if abs(age.total_seconds()) > 300 or not stamp.startswith(day):
            raise ValueError("the time")
        if self.headers["X-Amz-Security-Token"] != role.session_token:
            raise ValueError("the session token")
        if self.headers["X-Amz-Content-Sha256"] != hashlib.sha256(body).hexdigest():
            raise ValueError("the body")
        request = AWSRequest(self.command, f"http://{self.headers['Host']}{self.path}", data=body)
        for name in names.split(";"):
            if name != "host":
                request.headers[name] = self.headers[name]
        request.context["timestamp"] = stamp
        signer = SigV4Auth(Credentials(key, role.secret_access_key, role.session_token), service, region)
        if signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request) != signature:
            raise ValueError("the signature")
        signed_by.update(role=role.role_arn, session=role.session_name, service=service, region=region)


def main() -> None:
    global sts_port
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
    sts_port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    raw_http.Handler = Handler
    raw_http.main()


if __name__ == "__main__":
    main()
