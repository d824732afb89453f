"""Clients that do nothing but wait for a change of the list of tools."""

import asyncio
import json
import time

from .processes import Failure
from .servers import STATELESS_META

NOTICE = b"notifications/tools/list_changed"
JSON = "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"


class Watcher:
    """One stream: the GET stream of a session, or the answer to subscriptions/listen."""

    def __init__(self, port: int) -> None:
        self.port = port
        # When each notice came, seconds on the clock of `time.perf_counter`.
        self.times: list[float] = []

    async def open_session(self) -> None:
        greeting = {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "watcher", "version": "1"}}
        head = await self.post("initialize", 1, greeting)
        session = head.split("mcp-session-id:")[1].split("\r\n")[0].strip()
        headers = f"Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: 2025-11-25\r\n"
        body = json.dumps({"jsonrpc": "2.0", "method": "notifications/initialized"})
        await self.exchange("POST", JSON + headers, body)
        await self.exchange("GET", "Accept: text/event-stream\r\n" + headers, "")

    async def open_listen(self) -> None:
        headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n"
        params = {"_meta": STATELESS_META, "notifications": {"toolsListChanged": True}}
        await self.post("subscriptions/listen", 1, params, headers)
        while b"acknowledged" not in await self.reader.readuntil(b"\n"):
            pass

    async def post(self, method: str, number: int, params: dict, headers: str = "") -> str:
        body = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await self.exchange("POST", JSON + headers, body)

    async def exchange(self, method: str, headers: str, body: str) -> str:
        """The head of the answer, in lower case; each request has a connection, the last one stays open."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.writer.write(f"{method} /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{length}\r\n{body}".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        if head.split(" ")[1] not in ("200", "202"):
            raise Failure(f"{method} {body} got {head.splitlines()[0]}")
        return head

    async def watch(self, noticed: asyncio.Event) -> None:
        rest = b""
        while data := await self.reader.read(65536):
            now = time.perf_counter()
            rest += data
            if count := rest.count(NOTICE):
                self.times += [now] * count
                noticed.set()
            # A notice may be cut by the end of what came; what was counted must not be counted again.
            rest = rest[rest.rfind(NOTICE) + len(NOTICE) :] if count else rest
            rest = rest[-len(NOTICE) :]
