"""An HTTP server for the tests. Prints its port on the first line of its output.

usage: http_server.py [--unix PATH] [--cert FILE --key FILE]
"""

import argparse
import gzip
import http.server
import json
import socket
import socketserver
import ssl
import sys
import threading
import urllib.parse

lock = threading.Lock()
counts = {"connections": 0, "requests": {}}
gate = threading.Event()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        with lock:
            counts["connections"] += 1
        super().setup()

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def stream(self, content_type):
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            counts["requests"][url.path] = counts["requests"].get(url.path, 0) + 1
        route = getattr(self, "route_" + url.path.strip("/").replace("-", "_"), None)
        if route is None:
            return self.answer(404)
        return route(query, body)

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = handle_any

    def route_hello(self, query, body):
        self.answer(200, b"hello", Content_Type="text/plain", X_MiXeD="  Yes ")

    def route_echo(self, query, body):
        told = {"method": self.command, "path": self.path, "headers": list(self.headers.items()), "body": body.decode()}
        self.answer(int(query.get("status", 200)), json.dumps(told).encode())

    def route_stats(self, query, body):
        with lock:
            self.answer(200, json.dumps(counts).encode())

    def route_big(self, query, body):
        left = int(query["bytes"])
        self.stream("application/octet-stream")
        while left:
            size = min(left, 65536)
            self.chunk(b"x" * size)
            left -= size
            counts["sent"] = int(query["bytes"]) - left
        self.wfile.write(b"0\r\n\r\n")

    def route_events(self, query, body):
        self.stream("text/event-stream")
        for number in range(int(query["count"])):
            self.chunk(b"data: %d\n\n" % number)
        if "then" in query:
            gate.wait()
        self.wfile.write(b"0\r\n\r\n")

    def route_open(self, query, body):
        gate.set()
        self.answer(200)

    def route_silent(self, query, body):
        """Says nothing, or the head and the first bytes, until the client goes."""
        if "head" in query:
            self.stream("text/plain")
            self.chunk(b"first")
        self.rfile.read(1)
        self.close_connection = True

    def route_redirect(self, query, body):
        self.answer(int(query.get("status", 307)), b"elsewhere", Location=query["to"])

    def route_protected(self, query, body):
        if self.headers.get("Authorization") == "Bearer good":
            self.answer(200, b"welcome")
        else:
            body = b"x" * int(query["bytes"]) if "bytes" in query else b"who are you"
            self.answer(401, body, WWW_Authenticate='Bearer realm="test"')

    def route_scoped(self, query, body):
        if self.headers.get("Authorization") == "Bearer wide":
            self.answer(200, b"welcome")
        elif "plain" in query:
            self.answer(403, b"no")
        else:
            self.answer(403, b"more", WWW_Authenticate='Bearer error="insufficient_scope", scope="write"')

    def route_busy(self, query, body):
        self.answer(503, b"later", Retry_After="7")

    def route_zipped(self, query, body):
        self.answer(200, gzip.compress(b"z" * int(query["bytes"])), Content_Encoding="gzip")

    def route_upgrade(self, query, body):
        """Echoes what comes on the upgraded connection, and says good-bye once the client writes no more."""
        self.close_connection = True
        self.wfile.write(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\nX-Body: %s\r\n\r\nhello "
            % (self.headers.get("Upgrade", "").encode(), body)
        )
        if "vanish" in query:
            return
        while data := self.rfile.read1(65536):
            self.wfile.write(data)
        self.wfile.write(b" bye")

    def route_chunked(self, query, body):
        self.stream("text/plain")
        for piece in (b"no ", b"such ", b"container"):
            self.chunk(piece)
        self.wfile.write(b"0\r\nX-Trailer: 1\r\n\r\n")

    def route_vanish(self, query, body):
        """Ends the connection without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def route_garbage(self, query, body):
        self.wfile.write(b"this is not HTTP\r\n\r\n")
        self.close_connection = True


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True
    request_queue_size = 512
    allow_reuse_address = True

    def handle_error(self, request, client):
        pass


class UnixServer(Server):
    address_family = socket.AF_UNIX


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--unix")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    arguments = parser.parse_args()
    if arguments.unix:
        Handler.disable_nagle_algorithm = False
        server = UnixServer(arguments.unix, Handler)
        port = 0
    else:
        server = Server(("127.0.0.1", 0), Handler)
        port = server.server_address[1]
    if arguments.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.cert, arguments.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


main()
