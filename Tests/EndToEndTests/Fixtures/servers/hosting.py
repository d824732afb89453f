"""What the servers on the SDK share: their arguments, and an HTTP server that says when it listens."""

import argparse
import os
import socket
import sys
import threading


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--name", default="alpha")
    parser.add_argument("--transport", choices=["stdio", "sse", "streamable-http"], default="stdio")
    parser.add_argument("--port", type=int, default=int(os.environ.get("MCP_PORT", "0")))
    parser.add_argument("--keep", action="store_true", help="do not end with standard input")
    return parser.parse_args()


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
