"""Many MCP servers (2025-11-25, streamable HTTP without sessions) in one process: http://127.0.0.1:PORT/SUBJECT/mcp.

many_http.py [TOOLS]

Every subject has the tools of VERBS: `create_<subject>` and so on. A call is
answered with the subject, the tool, its arguments and the `_meta` member `test/mark`. Prints `listening PORT`.
With TOOLS, the tools.jsonl of the tool-retrieval benchmark, a subject is a server of its pool `live` and has its tools.
"""

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

VERBS = {
    "create": "Add a new {0} to the records",
    "list": "All records about {0}, newest first",
    "delete": "Remove one {0} for good",
    "export": "Write every {0} to a spreadsheet",
}


def read(path):
    """The tools by server, whose names become what names of backends and paths may be."""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for tool in map(json.loads, lines):
            if tool["pool"] == "live":
                subject = re.sub("[^a-z0-9]", "-", tool["server"].lower())
                shown = {key: tool[key] for key in ("name", "description", "inputSchema") if key in tool}
                found.setdefault(subject, []).append({"inputSchema": {"type": "object"}, **shown})
    return found


GIVEN = read(sys.argv[1]) if len(sys.argv) > 1 else None


def tools(subject):
    if GIVEN is not None:
        return GIVEN[subject]
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "description": f"What the {subject} is called"}},
    }
    return [
        {"name": f"{verb}_{subject}", "description": text.format(subject), "inputSchema": schema}
        for verb, text in VERBS.items()
    ]


def answer(subject, method, params):
    if method == "initialize":
        return {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {}},
            "serverInfo": {"name": subject, "version": "1"},
        }
    if method == "tools/list":
        return {"tools": tools(subject)}
    if method == "tools/call":
        said = {
            "subject": subject,
            "tool": params["name"],
            "arguments": params.get("arguments"),
            "mark": params.get("_meta", {}).get("test/mark"),
        }
        return {
            "content": [{"type": "text", "text": json.dumps(said)}],
            "structuredContent": said,
            "_meta": {"test/answer": subject},
        }
    return {} if method == "ping" else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        if "id" not in body:
            return self.reply(202, b"")
        result = answer(self.path.split("/")[1], body["method"], body.get("params", {}))
        message = {"jsonrpc": "2.0", "id": body["id"]}
        if result is None:
            message["error"] = {"code": -32601, "message": "Method not found"}
        else:
            message["result"] = result
        self.reply(200, json.dumps(message).encode())

    def do_GET(self):
        self.reply(405, b"")

    do_DELETE = do_GET

    def reply(self, status, body):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
