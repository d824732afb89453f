"""The hand-written server over streamable HTTP: raw_http.py MODE [--elsewhere URL]

Modes: those of raw_mcp.py, and wrong-type, error-500, redirect (to URL), close-in-answer, odd-sse, stream (offers GET), and for
server/discover alone: discover-text, discover-unknown, discover-500, discover-odd.
It prints "listening PORT" and ends when its standard input does. Beside /mcp there are controls for the tests:
GET /counts, GET /headers (of the last POST to /mcp, its body as test-body), POST /forget (forgets all sessions), POST /notify (sends its body on every GET stream), POST /grow (its body names a caller's own tool: that caller gets another one), POST /become (another server takes its place, its body names script and arguments).
With --issuer and --audience each POST needs a bearer token: the authorization server is asked about it (RFC 7662), and it
must be for the audience; the gateway's own token, which is for none, may do everything but call tools. The tool `exact`
needs a scope that no token has. With --per-user there is one tool more, whose name tells whose token it was. Who issues tokens
is said at /.well-known/oauth-protected-resource/mcp (RFC 9728).
With --key each POST needs the signature of examples/described/hmac, made with that key in the last minutes.
"""

import argparse
import base64
import hashlib
import hmac
import json
import queue
import socket
import threading
import time
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler

import listening
from raw_mcp import RawServer

# What older servers and what stands before them say to a method that they do not know.
DISCOVERIES = {
    "discover-text": (400, b"Bad Request: no session", "text/plain"),
    "discover-unknown": (404, b'{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}'),
    "discover-500": (500, b"oops", "text/plain"),
    "discover-odd": (200, b'{"jsonrpc":"2.0","id":1,"result":{}}'),
}
METADATA = "/.well-known/oauth-protected-resource/mcp"
sessions: set[str] = set()
last_headers: dict[str, str] = {}
streams: list[queue.Queue] = []


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_model: RawServer
    elsewhere = ""
    issuer = ""
    audience = ""
    key = ""
    per_user = False
    exact_scope = ""

    def log_message(self, *arguments):
        pass

    def send(self, status: int, body: bytes = b"", content_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        # For nobody: what stands in front keeps it to itself and brings it back no more.
        self.send_header("Set-Cookie", "shelf=3")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def accepts(self, message: dict) -> bool:
        """Whether the bearer token of the request will do."""
        if not self.issuer:
            return True
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return False
        client = base64.b64encode(b"gateway:gateway-secret-456789").decode()
        request = urllib.request.Request(
            f"{self.issuer}/introspection", urllib.parse.urlencode({"token": token}).encode(),
            {"Authorization": f"Basic {client}"})
        claims = self.claims = json.loads(urllib.request.urlopen(request).read())
        if not claims.get("active") or claims.get("iss") != self.issuer:
            return False
        audience = claims.get("aud") or []
        if self.per_user:
            self.server_model.caller.name = "of_" + hashlib.sha256(str(claims.get("sub")).encode()).hexdigest()[:8]
        if self.audience in audience:
            return True
        return not audience and claims.get("client_id") == "gateway" and message.get("method") != "tools/call"

    def is_signed(self, body: bytes) -> bool:
        """Whether method, path, time and body are those that were signed with the key."""
        if not self.key:
            return True
        moment = self.headers.get("X-Signature-Time", "")
        if not moment.isdigit() or abs(time.time() - int(moment)) > 300:
            return False
        text = "\n".join([moment, self.command, self.path, hashlib.sha256(body).hexdigest()])
        wanted = "v1=" + hmac.new(self.key.encode(), text.encode(), "sha256").hexdigest()
        return hmac.compare_digest(wanted, self.headers.get("X-Signature", ""))

    def session(self) -> str:
        return self.headers.get("Mcp-Session-Id", "")

    def do_GET(self):
        model = self.server_model
        if self.path == "/counts":
            return self.send(200, json.dumps(dict(model.counts, sessions=len(sessions))).encode())
        if self.path == "/headers":
            return self.send(200, json.dumps(last_headers).encode())
        if self.issuer and self.path == METADATA:
            model.counted("metadata")
            return self.send(200, json.dumps({
                "resource": f"http://{self.headers['Host']}/mcp", "authorization_servers": [self.issuer],
                "scopes_supported": ["read"]}).encode())
        model.counted("GET")
        if model.mode != "stream":
            return self.send(405, Allow="POST, DELETE")
        if self.session() not in sessions:
            return self.send(404)
        waiting: queue.Queue = queue.Queue()
        streams.append(waiting)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": welcome\n\n")
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"data: " + waiting.get() + b"\n\n")
        except OSError:
            streams.remove(waiting)

    def do_DELETE(self):
        self.server_model.counted("DELETE")
        known = self.session() in sessions
        sessions.discard(self.session())
        self.send(204 if known else 404)

    def do_POST(self):
        model = self.server_model
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/forget":
            sessions.clear()
            return self.send(204)
        if self.path == "/become":
            self.send(204)
            listening.become(self.listener, json.loads(body))
        if self.path == "/grow":
            model.grown.add(body.decode())
            return self.send(204)
        if self.path == "/notify":
            for waiting in list(streams):
                waiting.put(body)
            return self.send(204)
        model.counted("POST")
        last_headers.clear()
        last_headers.update({name.lower(): value for name, value in self.headers.items()})
        last_headers["test-body"] = body.decode("utf-8", "replace")
        if model.mode == "error-500":
            return self.send(500, b'{"oops":true}')
        if model.mode == "redirect":
            return self.send(307, Location=self.elsewhere)
        message = json.loads(body)
        if not self.accepts(message) or not self.is_signed(body):
            model.counted("refused")
            challenge = f'Bearer error="invalid_token", scope="read", resource_metadata="http://{self.headers["Host"]}{METADATA}"'
            return self.send(401, b"{}", WWW_Authenticate=challenge if self.issuer else "Bearer")
        if self.issuer and message.get("method") == "tools/call" and message["params"].get("name") == "exact":
            scopes = self.claims.get("scope") or []
            if self.exact_scope not in (scopes.split() if isinstance(scopes, str) else scopes):
                model.counted("insufficient scope")
                challenge = f'Bearer error="insufficient_scope", scope="{self.exact_scope}"'
                return self.send(403, b"{}", WWW_Authenticate=challenge)
        if message.get("method") == "server/discover" and model.mode in DISCOVERIES:
            model.counted("server/discover")
            return self.send(*DISCOVERIES[model.mode])
        if message.get("method") == "server/discover" and model.mode == "discover-silent":
            model.counted("server/discover")
            return threading.Event().wait()
        headers = {}
        if message.get("method") == "initialize":
            number = uuid.uuid4().hex
            sessions.add(number)
            headers["Mcp_Session_Id"] = number
        elif self.session() not in sessions:
            model.counted("unknown session")
            return self.send(404)
        answer = model.answer(message, self.session())
        if "id" not in message or "method" not in message:
            return self.send(202)
        if answer is None:
            threading.Event().wait()
        self.reply(message, answer, headers)

    def reply(self, message: dict, answer: bytes, headers: dict[str, str]) -> None:
        mode = self.server_model.mode
        called = (message.get("params") or {}).get("name") if message.get("method") == "tools/call" else None
        if mode == "wrong-type":
            return self.send(200, b"<html>Welcome to the proxy</html>", "text/html", **headers)
        if (mode == "close-in-answer" and message["method"] == "tools/list") or called == "cut":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer) + 1000))
            self.end_headers()
            self.wfile.write(answer[: len(answer) // 2])
            self.wfile.flush()
            self.close_connection = True
            return self.connection.shutdown(socket.SHUT_RDWR)
        if mode == "odd-sse":
            return self.odd_stream(answer, headers)
        return self.send(200, answer, **headers)

    def odd_stream(self, answer: bytes, headers: dict[str, str]) -> None:
        """The answer as an event stream with everything that the format allows, a byte at a time."""
        half = answer.index(b",") + 1
        stream = (
            b"\xef\xbb\xbf: a comment\r\rid: 1\r\ndata:\r\n\r\nevent: unheard-of\ndata: {\"not\":\"rpc\"}\n\nretry: 10\n\n"
            b"event: message\rdata: " + answer[:half] + b"\rdata:" + answer[half:] + b"\r\r"
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.close_connection = True
        for index in range(len(stream)):
            self.wfile.write(stream[index : index + 1])
            self.wfile.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode")
    parser.add_argument("--elsewhere", default="")
    parser.add_argument("--issuer", default="")
    parser.add_argument("--audience", default="")
    parser.add_argument("--key", default="")
    parser.add_argument("--per-user", action="store_true")
    parser.add_argument("--exact-scope", default="files:write", help="of a token with which `exact` may be called")
    parser.add_argument("--listener", type=int)
    arguments = parser.parse_args()
    Handler.server_model = RawServer(arguments.mode)
    Handler.elsewhere = arguments.elsewhere
    Handler.issuer = arguments.issuer
    Handler.audience = arguments.audience
    Handler.key = arguments.key
    Handler.per_user = arguments.per_user
    Handler.exact_scope = arguments.exact_scope
    listening.serve(Handler, arguments.listener)


if __name__ == "__main__":
    main()
