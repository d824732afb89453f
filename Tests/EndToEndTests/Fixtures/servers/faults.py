"""Many MCP servers (2025-11-25, streamable HTTP with sessions) in one process, which can be made to go wrong, each at a path
of its own: http://127.0.0.1:PORT/NAME/mcp. Prints `listening PORT`, and ends when its standard input does.

POST /NAME/fault sets the fault of a server, its body; an empty one mends it:
  500, 429       every request is refused so, 429 with Retry-After
  silent         requests get no answer until the fault is mended, and then the right one
  trickle        a byte of an answer at a time, which never ends
  cut            half an answer, then the end of the connection
  endless        a body without end
  hoard          the most of an answer, and the rest never: once mended it is cut off
  redirect       to where the request came from
  text           a page for people
  forget         no fault: it forgets its sessions
  restart        no fault: it forgets its sessions and offers the tool "exact" instead of "echo", or again "echo"
GET /NAME/counts says how often each method came.
"""

import json
import socket
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler

import listening
from raw_mcp import RawServer


class Subject:
    def __init__(self, name: str):
        self.model = RawServer("ok", name, "echo")
        self.sessions: set[str] = set()
        self.fault = ""
        self.mended = threading.Event()

    def set(self, fault: str) -> None:
        if fault in ("forget", "restart"):
            self.sessions.clear()
            if fault == "forget":
                return
            self.model.tools = ["exact"] if self.model.tools == ["echo"] else ["echo"]
            return
        mended, self.mended = self.mended, threading.Event()
        self.fault = fault
        mended.set()


subjects: dict[str, Subject] = {}
lock = threading.Lock()


def subject(name: str) -> Subject:
    with lock:
        return subjects.setdefault(name, Subject(name))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def send(self, status: int, body: bytes = b"", content_type: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        if body:
            self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        _, name, what = self.path.split("/")
        if what == "counts":
            return self.send(200, json.dumps(subject(name).model.counts).encode())
        self.send(405, Allow="POST, DELETE")

    def do_DELETE(self):
        self.send(204)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        _, name, what = self.path.split("/")
        own = subject(name)
        if what == "fault":
            own.set(body.decode())
            return self.send(204)
        message = json.loads(body)
        if own.fault == "silent":
            own.mended.wait()
        elif own.fault:
            own.model.counted(message.get("method", "response"))
            self.own = own
            return getattr(self, "fail_" + own.fault)()
        headers = {}
        if message.get("method") == "server/discover":
            return self.send(400, b"Bad Request: no session", "text/plain")
        if message.get("method") == "initialize":
            number = uuid.uuid4().hex
            own.sessions.add(number)
            headers["Mcp_Session_Id"] = number
        elif self.headers.get("Mcp-Session-Id", "") not in own.sessions:
            return self.send(404)
        answer = own.model.answer(message, "one")
        if answer is None:
            return self.send(202)
        self.send(200, answer, **headers)

    def fail_500(self):
        self.send(500, b'{"oops":true}')

    def fail_429(self):
        self.send(429, b"", Retry_After="1")

    def fail_redirect(self):
        self.send(307, Location=self.path)

    def fail_text(self):
        self.send(200, b"<html>Welcome to the proxy</html>", "text/html")

    def begin(self, length: str | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if length:
            self.send_header("Content-Length", length)
        self.end_headers()
        self.close_connection = True

    def fail_cut(self):
        self.begin("1000")
        self.wfile.write(b'{"jsonrpc":"2.0","id":1,"res')
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)

    def fail_hoard(self):
        mended = self.own.mended
        self.begin("1000000")
        self.wfile.write(b" " * 700_000)
        mended.wait()

    def fail_trickle(self):
        self.pour(b" ", 0.1)

    def fail_endless(self):
        self.pour(b" " * 16_384, 0.02)

    def pour(self, piece: bytes, pause: float) -> None:
        self.begin(None)
        try:
            while True:
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            return


if __name__ == "__main__":
    listening.serve(Handler)
