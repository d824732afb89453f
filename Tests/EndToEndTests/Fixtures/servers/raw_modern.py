"""The hand-written server of 2026-07-28: raw_modern.py stdio|http [--name NAME] [--refusal REFUSAL]

REFUSAL is what a request without metadata gets: -32022, -32020, -32602, or plain (400 without JSON-RPC). Over HTTP it prints
"listening PORT" and has the controls GET /counts and POST /become of raw_http.py.
"""

import argparse
import json
import sys
from http.server import BaseHTTPRequestHandler

import listening
from modern_mcp import REVISION, ModernServer

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model: ModernServer

    def log_message(self, *arguments):
        pass

    def send(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/counts":
            return self.send(200, json.dumps(self.model.counts).encode())
        self.send(405)

    def do_DELETE(self):
        self.send(405)

    def mismatch(self, message: dict) -> str | None:
        """The first header that does not say what the body says."""
        params = message.get("params") or {}
        expected = {"MCP-Protocol-Version": REVISION, "Mcp-Method": message.get("method")}
        if message.get("method") in NAMED:
            expected["Mcp-Name"] = params.get(NAMED[message["method"]])
        return next((name for name, value in expected.items() if self.headers.get(name) != value), None)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.path == "/become":
            self.send(204)
            listening.become(self.listener, json.loads(body))
        message = json.loads(body)
        if self.model.is_modern(message) and (header := self.mismatch(message)):
            self.model.counted("mismatch")
            error = {"code": -32020, "message": "Header mismatch", "data": {"header": header}}
            status, answer = 400, {"jsonrpc": "2.0", "id": message["id"], "error": error}
        else:
            status, answer = self.model.answer(message)
        self.send(status, json.dumps(answer).encode() if answer else b"")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["stdio", "http"])
    parser.add_argument("--name", default="modern")
    parser.add_argument("--refusal", default="-32022")
    parser.add_argument("--listener", type=int)
    arguments = parser.parse_args()
    model = ModernServer(arguments.name, arguments.refusal)
    if arguments.transport == "http":
        Handler.model = model
        return listening.serve(Handler, arguments.listener)
    for line in sys.stdin.buffer:
        _, answer = model.answer(json.loads(line))
        if answer:
            sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
            sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
