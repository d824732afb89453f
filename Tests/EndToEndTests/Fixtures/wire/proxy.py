"""A proxy on loopback that writes down what the gateway answers and sends: in the process of a client, or alone.

    proxy.py URL FILE

Alone it prints "listening PORT" and ends when its standard input does.
"""

import asyncio
import json
import sys
from urllib.parse import urlsplit

from http1 import Messages
from recording import Recording, stated_revision


class RecordingProxy:
    """Passes bytes on as they come, a connection to the gateway for each of the client's, and closes both together."""

    def __init__(self, url: str, path: str) -> None:
        self.target = urlsplit(url)
        self.recording = Recording(path)
        # What sessions were opened with, for requests that name no revision.
        self.revisions: dict[str, str] = {}
        self.connections: set[asyncio.Task] = set()

    async def __aenter__(self) -> str:
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}{self.target.path}"

    async def __aexit__(self, *exception) -> None:
        self.server.close()
        for connection in self.connections:
            connection.cancel()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: asyncio complains about those it made itself when they are cancelled.
        connection = asyncio.create_task(self.serve(reader, writer))
        self.connections.add(connection)
        connection.add_done_callback(self.connections.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection(self.target.hostname, self.target.port)
        watch = Exchanges(self)
        pumps = [
            asyncio.create_task(pump(reader, upstream_writer, watch.requests)),
            asyncio.create_task(pump(upstream_reader, writer, watch.answers)),
        ]
        try:
            ended, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            for task in pumps:
                task.cancel()
            writer.close()
            upstream_writer.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, messages: Messages) -> None:
    try:
        while data := await reader.read(65536):
            messages.feed(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass


class Exchanges:
    """The requests of one connection and their answers, which HTTP/1.1 keeps in order."""

    def __init__(self, proxy: RecordingProxy) -> None:
        self.proxy = proxy
        self.waiting: list[dict] = []
        self.requests = Messages(self.request_begins, self.request_goes_on, lambda: None)
        self.answers = Messages(self.answer_begins, self.answer_goes_on, self.answer_ends)

    def request_begins(self, line: str, headers: dict[str, str]) -> None:
        self.waiting.append({"headers": headers, "body": b""})

    def request_goes_on(self, data: bytes) -> None:
        self.waiting[-1]["body"] += data

    def answer_begins(self, line: str, headers: dict[str, str]) -> None:
        request = self.waiting.pop(0)
        message = json.loads(request["body"] or b"null")
        if not isinstance(message, dict):
            message = {}
        session = headers.get("mcp-session-id") or request["headers"].get("mcp-session-id", "")
        stated = request["headers"].get("mcp-protocol-version") or stated_revision(message)
        self.revision = stated or self.proxy.revisions.get(session)
        self.method, self.id, self.session = message.get("method"), message.get("id"), session
        self.is_stream = headers.get("content-type", "").startswith("text/event-stream")
        self.body = b""

    def answer_goes_on(self, data: bytes) -> None:
        self.body += data
        if self.is_stream:
            *events, self.body = self.body.replace(b"\r\n", b"\n").split(b"\n\n")
            for event in events:
                lines = [line[5:].removeprefix(b" ") for line in event.split(b"\n") if line.startswith(b"data:")]
                if data := b"\n".join(lines):
                    self.write(json.loads(data))

    def answer_ends(self) -> None:
        if not self.is_stream and self.body:
            self.write(json.loads(self.body))

    def write(self, message) -> None:
        if self.method == "initialize" and "result" in message:
            self.revision = self.proxy.revisions[self.session] = message["result"]["protocolVersion"]
        # A resumed stream may carry the answer to another request than the one that opened it.
        answers = self.method if "method" not in message and message.get("id") in (self.id, None) else None
        self.proxy.recording.write("client", self.revision, answers, message)


async def main(url: str, path: str) -> None:
    async with RecordingProxy(url, path) as own:
        print(f"listening {urlsplit(own).port}", flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
