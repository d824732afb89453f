"""What the servers on the SDK share: their arguments, a journal, and an HTTP server that says when it listens."""

import argparse
import os
import socket
import sys
import threading
from pathlib import Path


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--name", default="alpha")
    parser.add_argument("--transport", choices=["stdio", "sse", "streamable-http"], default="stdio")
    parser.add_argument("--port", type=int, default=int(os.environ.get("MCP_PORT", "0")))
    parser.add_argument("--keep", action="store_true", help="do not end with standard input")
    parser.add_argument("--modern", action="store_true", help="refuse initialize")
    parser.add_argument("--journal", help="file to write what nobody can see from outside")
    parser.add_argument("--record", help="file to write the messages that come")
    parser.add_argument("--path", help="of the endpoint over sse, first generation only; /sse without it")
    parser.add_argument("--scheme", help="of the URIs of its resources; the name without it")
    return parser.parse_args()


class Journal:
    """A file of lines that several processes may write; without a file nothing is written."""

    def __init__(self, path: str | None) -> None:
        self.path = path

    def write(self, line: str) -> None:
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(line + "\n")


def recorded(app, path: str | None):
    """An application whose messages are written down, if there is a file for them."""
    return recording().RecordedApp(app, path) if path else app


def recording():
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))
    import recording

    return recording


def run(server, arguments: argparse.Namespace) -> None:
    """Serves until the end of standard input."""
    match arguments.transport:
        case "stdio":
            if arguments.record:
                recording().record_standard_input(arguments.record)
            server.run("stdio")
        case "sse":
            if arguments.path:
                server.settings.sse_path = arguments.path
            serve(recorded(server.sse_app(), arguments.record), arguments.port)
        case _:
            serve(recorded(server.streamable_http_app(), arguments.record), arguments.port)


def end_with_standard_input() -> None:
    """Ends the process when its starter goes away, however that ends."""

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def serve(app, port: int) -> None:
    """Serves on loopback; port 0 takes a free one. Connections are accepted from the printed line on."""
    import uvicorn

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    print(f"listening {listener.getsockname()[1]}", flush=True)
    if "--keep" not in sys.argv:
        end_with_standard_input()
    uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)).run(sockets=[listener])
