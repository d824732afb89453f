"""Where the hand-written HTTP servers listen, and how one of them becomes another: as a deployment of another version does,
on the same port and without a moment in which nobody listens there.
"""

import os
import socket
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path


def opened(handler, descriptor: int | None = None) -> ThreadingHTTPServer:
    """A server on a free port of loopback, or on the socket of the server before."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=descriptor is None)
    if descriptor is not None:
        server.socket.close()
        server.socket = socket.socket(fileno=descriptor)
        server.server_address = server.socket.getsockname()
    server.daemon_threads = True
    handler.listener = server.socket
    return server


def run(server: ThreadingHTTPServer) -> None:
    """Serves until standard input ends."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening {server.server_address[1]}", flush=True)
    while sys.stdin.buffer.read(4096):
        pass


def serve(handler, descriptor: int | None = None) -> None:
    """Serves until standard input ends, and ends the process then, whatever is under way."""
    run(opened(handler, descriptor))
    os._exit(0)


def become(listener: socket.socket, arguments: list[str]) -> None:
    """Replaces this process: every connection ends, what it knew is forgotten, and the socket goes on."""
    script = Path(__file__).resolve().parent / arguments[0]
    os.set_inheritable(listener.fileno(), True)
    os.execv(sys.executable, [sys.executable, str(script), *arguments[1:], "--listener", str(listener.fileno())])
