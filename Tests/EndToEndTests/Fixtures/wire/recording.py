"""Writes down the messages that the gateway emits, as the peers see them: a file of JSON lines.

Each line is {"to": "client" | "server", "revision": …, "method": …, "message": …}; `method` is that of the request
which a message answers, and null where the peer that records does not know it.
"""

import json
import os
import threading

META_VERSION = "io.modelcontextprotocol/protocolVersion"


class Recording:
    """A file that several processes may append to."""

    def __init__(self, path: str) -> None:
        # One write a line, so that lines of different processes do not mix.
        self.descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, to: str, revision: str | None, method: str | None, message) -> None:
        line = {"to": to, "revision": revision, "method": method, "message": message}
        os.write(self.descriptor, (json.dumps(line) + "\n").encode())


def stated_revision(message: dict) -> str | None:
    """The revision that a request names itself: the one it is of, or, with `initialize`, the one it wants."""
    params = message.get("params") or {}
    if message.get("method") == "initialize":
        return params.get("protocolVersion")
    return (params.get("_meta") or {}).get(META_VERSION)


def record_standard_input(path: str) -> None:
    """Puts a pipe in the place of standard input, and writes down what goes through it."""
    recording, original = Recording(path), os.fdopen(os.dup(0), "rb")
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)

    def copy() -> None:
        revision = None
        with os.fdopen(writing, "wb", buffering=0) as onwards:
            for line in original:
                try:
                    message = json.loads(line)
                except ValueError:
                    recording.write("server", revision, None, {"not JSON": line.decode(errors="replace")})
                else:
                    revision = stated_revision(message) or revision
                    recording.write("server", revision, None, message)
                try:
                    onwards.write(line)
                except OSError:
                    return

    threading.Thread(target=copy, daemon=True).start()


class RecordedApp:
    """An ASGI application before which the bodies of requests are written down."""

    def __init__(self, app, path: str) -> None:
        self.app = app
        self.recording = Recording(path)

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return await self.app(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        body = b""

        async def recorded():
            nonlocal body
            event = await receive()
            if event["type"] == "http.request":
                body += event.get("body", b"")
                if not event.get("more_body"):
                    message = json.loads(body)
                    revision = headers.get("mcp-protocol-version") or stated_revision(message)
                    self.recording.write("server", revision, None, message)
                    body = b""
            return event

        await self.app(scope, recorded, send)
