"""A hand-written MCP server without a transport, on the standard library alone, and the ways in which it can go wrong.

`answer` returns the exact bytes of an answer, so that tests can tell whether a byte was changed on the way.
"""

import json
import os
import threading
import time

# Numbers beyond 2^53, a float without a fraction, an order of keys and a field that no revision knows.
EXACT = (
    '{"content":[{"type":"text","text":"caf\\u00e9 \\ud83d\\ude00","x-unknown":[1.50,1e2]}],'
    '"structuredContent":{"z":1.0,"a":12345678901234567890,"m":-0.0,"b":{"y":null,"x":true}},"later":{"k":1E+2}}'
)
TOOLS = {
    "echo": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    "exact": {"type": "object", "$comment": 1.0},
    "count": {"type": "object"},
    "huge": {"type": "object", "properties": {"size": {"type": "integer"}}},
    "exit": {"type": "object"},
    "silent": {"type": "object"},
    "refuse": {"type": "object"},
    "cut": {"type": "object"},
}
PAGE = 3


class RawServer:
    def __init__(self, mode: str, name: str = "raw", tools: str = ""):
        self.mode = mode
        self.name = name
        self.tools = tools.split(",") if tools else list(TOOLS)
        self.lock = threading.Lock()
        self.counts: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        # Callers, by the name of the tool that each has alone, who have another besides.
        self.grown: set[str] = set()
        # `name`, when it is set: the tool that the caller of this thread's request has alone.
        self.caller = threading.local()

    def counted(self, what: str) -> int:
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]

    def answer(self, message: dict, session: str = "process") -> bytes | None:
        """The answer's bytes without a line end; None when there is none to give."""
        method, number = message.get("method"), message.get("id")
        self.counted(method or "response")
        if number is None or method is None:
            return None
        if method == "server/discover" and self.mode == "discover-exit":
            os._exit(1)
        if method == "server/discover" and self.mode == "discover-silent":
            return None
        if self.mode == "silent" or (self.mode == "silent-list" and method == "tools/list"):
            return None
        body = self.result(method, message.get("params") or {}, session)
        if body is None:
            return None
        if self.mode == "broken-json" and method == "tools/list":
            return b'{"jsonrpc":"2.0","id":' + json.dumps(number).encode() + b',"result":{"tools":[{"name":"ec'
        return b'{"jsonrpc":"2.0","id":' + json.dumps(number).encode() + b"," + body.encode() + b"}"

    def result(self, method: str, params: dict, session: str) -> str | None:
        if method == "initialize":
            return self.ok(
                {
                    "protocolVersion": params.get("protocolVersion", "2025-11-25"),
                    "capabilities": {"tools": {"listChanged": True}, "resources": {}},
                    "serverInfo": {"name": "raw", "version": "1"},
                }
            )
        if method == "ping":
            return self.ok({})
        if method == "tools/list":
            return self.page(params.get("cursor"))
        if method == "resources/list" and self.mode != "no-resources":
            return self.ok({"resources": [{"uri": f"{self.name}://one", "name": "one"}]})
        if method == "resources/read" and self.mode == "refuse-reads":
            return '"error":{"code":-32000,"message":"the shelf is broken","data":{"n":1.0}}'
        if method == "resources/read":
            return self.ok({"contents": [{"uri": params.get("uri"), "text": "one"}]})
        if method == "tools/call":
            return self.call(params.get("name"), params.get("arguments") or {}, session)
        return '"error":{"code":-32601,"message":"Method not found"}'

    def page(self, cursor: str | None) -> str:
        own = [self.caller.name] if hasattr(self.caller, "name") else []
        names = self.tools + own + [f"{name}_more" for name in own if name in self.grown]
        start = int(cursor or "0")
        if self.mode == "endless-pages":
            return self.ok({"tools": [self.tool(f"t{start}")], "nextCursor": str(start + 1)})
        if self.mode == "huge-list":
            return self.ok({"tools": [dict(self.tool("huge"), description="d" * 10_000_000)]})
        page = {"tools": [self.tool(name) for name in names[start : start + PAGE]]}
        if start + PAGE < len(names):
            page["nextCursor"] = str(start + PAGE)
        return self.ok(page)

    def tool(self, name: str) -> dict:
        schema = TOOLS.get(name, {"type": "object"})
        if name.startswith("deep"):
            # As many levels as its name says; listed only where a test names it.
            for _ in range(int(name[4:]) - 1):
                schema = {"not": schema}
        return {"name": name, "description": f"{name} of {self.name}.", "inputSchema": schema}

    def call(self, name: str | None, arguments: dict, session: str) -> str | None:
        if name == "echo" and "levels" in arguments:
            levels = arguments["levels"]
            return self.ok({"content": [], "x": 0})[:-2] + "[" * levels + "]" * levels + "}"
        if name == "echo":
            return self.text(f"{self.name}: {arguments.get('text')}")
        if name == "exact":
            return '"result":' + EXACT
        if name == "count":
            with self.lock:
                self.calls[session] = self.calls.get(session, 0) + 1
            return self.text(str(self.calls[session]))
        if name == "huge":
            return self.text("0123456789abcdef" * (int(arguments.get("size", 10_000_000)) // 16))
        if name == "wait":
            # Listed only where a test names it. Answers when the test makes the file.
            open(arguments["file"] + ".begun", "w").close()
            while not os.path.exists(arguments["file"]):
                time.sleep(0.01)
            return self.text("waited")
        if name == "exit":
            os._exit(3)
        if name == "silent":
            return None
        if name == "refuse":
            return '"error":{"code":-31999,"message":"not today","data":{"n":1.0,"a":[]}}'
        return '"error":{"code":-32602,"message":"Unknown tool"}'

    def text(self, text: str) -> str:
        return self.ok({"content": [{"type": "text", "text": text}]})

    def ok(self, result: dict) -> str:
        return '"result":' + json.dumps(result, separators=(",", ":"))
