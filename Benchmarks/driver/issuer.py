"""An issuer of JSON Web Tokens on loopback, for a gateway that lets nobody in without one."""

import base64
import json
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

AUDIENCE = "bench"


class Issuer:
    """Its documents, and a key of RSA with 2048 bits that openssl makes and signs with."""

    def __init__(self, work: Path):
        self.key = work / "issuer.pem"
        _openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.key)
        modulus = _openssl("rsa", "-in", self.key, "-noout", "-modulus").decode().strip().partition("=")[2]
        key = {"kty": "RSA", "kid": "bench", "use": "sig", "alg": "RS256", "e": "AQAB", "n": _text(bytes.fromhex(modulus))}

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                url = f"http://{self.headers['Host']}"
                documents = {
                    "/.well-known/openid-configuration": {"issuer": url, "jwks_uri": f"{url}/keys"}, "/keys": {"keys": [key]}}
                body = json.dumps(documents.get(self.path, {})).encode()
                self.send_response(200 if self.path in documents else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def token(self) -> str:
        """Good for an hour."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": "bench", "iat": now, "exp": now + 3600}
        parts = [_text(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "bench", "typ": "JWT"}, claims)]
        signed = ".".join(parts)
        return f"{signed}.{_text(_openssl('dgst', '-sha256', '-sign', self.key, given=signed.encode()))}"


def _openssl(*arguments, given: bytes = b"") -> bytes:
    return subprocess.run(
        ["openssl", *map(str, arguments)], input=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
