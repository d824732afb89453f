"""An MCP server whose list of tools changes, in the process that measures, so that there is one clock."""

import asyncio
import json

MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


class ChangingServer:
    """Speaks 2025-11-25, or 2026-07-28 only, over streamable HTTP; offers one tool, or two."""

    def __init__(self, modern: bool) -> None:
        self.modern = modern
        self.has_second = False
        self.listed = 0
        # Where notices go, and what each begins with: streams of sessions, or of subscriptions with their ids.
        self.streams: dict[asyncio.StreamWriter, object] = {}

    async def start(self) -> int:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def change(self) -> None:
        """Adds the second tool or takes it away, and says so on every stream."""
        self.has_second = not self.has_second
        for stream, subscription in self.streams.items():
            notice = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
            if self.modern:
                notice["params"] = {"_meta": {META + "subscriptionId": subscription}}
            send_event(stream, notice)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                method = head.split(" ", 1)[0]
                length = int(head.split("content-length:")[1].split("\r\n")[0]) if "content-length:" in head else 0
                body = json.loads(await reader.readexactly(length) or b"null")
                if method == "get" and not self.modern:
                    self.open_stream(writer, None)
                elif method == "post" and "id" in body and "method" in body:
                    self.answer(writer, body)
                else:
                    respond(writer, 202 if method == "post" else 405, b"")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.streams.pop(writer, None)
            writer.close()

    def open_stream(self, writer: asyncio.StreamWriter, subscription) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        send(writer, b": open\n\n")
        self.streams[writer] = subscription

    def answer(self, writer: asyncio.StreamWriter, request: dict) -> None:
        number, method = request["id"], request["method"]
        if self.modern and method == "subscriptions/listen":
            self.open_stream(writer, number)
            params = {"_meta": {META + "subscriptionId": number}, "notifications": {"toolsListChanged": True}}
            acknowledged = "notifications/subscriptions/acknowledged"
            return send_event(writer, {"jsonrpc": "2.0", "method": acknowledged, "params": params})
        if (result := self.result(method)) is None:
            error = {"code": -32601, "message": "Method not found"}
            # Only a server of 2026-07-28 says 404 for a method.
            return respond(writer, 404 if self.modern else 400, message(number, error=error))
        headers = f"Mcp-Session-Id: s{id(writer)}\r\n" if method == "initialize" else ""
        respond(writer, 200, message(number, result=result), headers)

    def result(self, method: str) -> dict | None:
        more = {"resultType": "complete", "ttlMs": 0, "cacheScope": "public"} if self.modern else {}
        capabilities = {"tools": {"listChanged": True}}
        match method:
            case "initialize" if not self.modern:
                info = {"name": "changing", "version": "1"}
                return {"protocolVersion": "2025-11-25", "capabilities": capabilities, "serverInfo": info}
            case "server/discover" if self.modern:
                return {"supportedVersions": [MODERN], "capabilities": capabilities, **more}
            case "tools/list":
                self.listed += 1
                names = ["first", "second"][: 2 if self.has_second else 1]
                return {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names], **more}
            case "ping" if not self.modern:
                return {}
        return None


def message(number, **members) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": number, **members}).encode()


def respond(writer: asyncio.StreamWriter, status: int, body: bytes, headers: str = "") -> None:
    kind = "Content-Type: application/json\r\n" if body else ""
    writer.write(f"HTTP/1.1 {status} X\r\n{kind}{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body)


def send(writer: asyncio.StreamWriter, data: bytes) -> None:
    """One chunk."""
    writer.write(b"%x\r\n%b\r\n" % (len(data), data))


def send_event(writer: asyncio.StreamWriter, content: dict) -> None:
    send(writer, b"data: " + json.dumps(content).encode() + b"\n\n")
