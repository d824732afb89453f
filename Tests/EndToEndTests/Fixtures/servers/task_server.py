"""A hand-written server with tasks over streamable HTTP: task_server.py modern|session [FILE]

modern: revision 2026-07-28 with the extension io.modelcontextprotocol/tasks. session: revision 2025-11-25 with its own tasks.
Both number their tasks "1", "2", …, so that two servers have equal ids. A task ends when a test says so, and not by itself:
POST /advance with {"taskId", "status", "text"}. GET /seen gives the methods asked for with their taskId and Mcp-Name.
The messages that come are written to FILE (see wire/recording.py). It prints "listening PORT" and ends when its standard
input does.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import listening

EXTENSION = "io.modelcontextprotocol/tasks"
PREFIX = "io.modelcontextprotocol/"
RELATED = PREFIX + "related-task"
ENDED = ("completed", "failed", "cancelled")
NOW = "2026-11-22T10:00:00Z"


class Fault(Exception):
    def __init__(self, code: int, message: str, data=None):
        super().__init__(message)
        self.error = {"code": code, "message": message} | ({"data": data} if data is not None else {})


class Tasks:
    """What runs, and who hears of it."""

    def __init__(self, modern: bool):
        self.modern = modern
        self.changed = threading.Condition()
        self.tasks: dict[str, dict] = {}
        self.seen: list[list] = []
        # What is to be sent on each stream that listens: (ids it wants, or None for all; the mark; messages).
        self.streams: list[tuple] = []

    def make(self, status: str, **more) -> dict:
        with self.changed:
            number = str(len(self.tasks) + 1)
            ttl = {"ttlMs": None} if self.modern else {"ttl": 60000}
            self.tasks[number] = {
                "taskId": number, "status": status, "createdAt": NOW, "lastUpdatedAt": NOW, **ttl, **more}
            return dict(self.tasks[number])

    def get(self, params: dict) -> dict:
        task = self.tasks.get(params.get("taskId"))
        if task is None:
            raise Fault(-32602, "no such task")
        return task

    def advance(self, params: dict) -> None:
        with self.changed:
            task = self.get(params)
            task["status"] = params["status"]
            task.pop("inputRequests", None)
            if params["status"] == "completed":
                task["result"] = {"content": [{"type": "text", "text": params.get("text", "")}]}
            for wanted, mark, messages in self.streams:
                if wanted is None or task["taskId"] in wanted:
                    method = "notifications/tasks" if self.modern else "notifications/tasks/status"
                    members = task if self.modern else self.state(task)
                    messages.append({"jsonrpc": "2.0", "method": method, "params": {**members, **mark}})
            self.changed.notify_all()

    @staticmethod
    def state(task: dict) -> dict:
        return {key: value for key, value in task.items() if key not in ("result", "inputRequests")}

    def listen(self, wanted, mark: dict, first: list) -> tuple:
        stream = (wanted, mark, list(first))
        with self.changed:
            self.streams.append(stream)
        return stream


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    tasks: Tasks
    recording = None

    def log_message(self, *arguments):
        pass

    def reply(self, status: int, body=None, **headers: str) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.path == "/seen":
            return self.reply(200, self.tasks.seen)
        if self.tasks.modern:
            return self.reply(405)
        self.stream(self.tasks.listen(None, {}, []))

    def do_DELETE(self):
        self.reply(204)

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
        if self.path == "/advance":
            self.tasks.advance(message)
            return self.reply(204)
        if self.recording:
            revision = self.headers.get("MCP-Protocol-Version") or "2025-11-25"
            self.recording.write("server", revision, None, message)
        if "id" not in message or "method" not in message:
            return self.reply(202)
        params = message.get("params") or {}
        method = message["method"]
        if method.startswith("tasks/"):
            self.tasks.seen.append([method, params.get("taskId"), self.headers.get("Mcp-Name")])
        try:
            if method == "subscriptions/listen" and self.tasks.modern:
                return self.subscribe(message, params)
            result = self.modern(method, params) if self.tasks.modern else self.session(method, params)
            answer = {"result": result}
        except Fault as fault:
            answer = {"error": fault.error}
        headers = {"Mcp_Session_Id": "one"} if method == "initialize" else {}
        self.reply(200, {"jsonrpc": "2.0", "id": message["id"], **answer}, **headers)

    def stream(self, stream: tuple) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                with self.tasks.changed:
                    self.tasks.changed.wait_for(lambda: stream[2])
                    messages = list(stream[2])
                    stream[2].clear()
                for message in messages:
                    self.wfile.write(b"data: " + json.dumps(message).encode() + b"\n\n")
                self.wfile.flush()
        except OSError:
            with self.tasks.changed:
                self.tasks.streams.remove(stream)

    # Revision 2026-07-28.

    def declares(self, params: dict) -> bool:
        capabilities = params.get("_meta", {}).get(PREFIX + "clientCapabilities", {})
        return EXTENSION in capabilities.get("extensions", {})

    def subscribe(self, message: dict, params: dict) -> None:
        wanted = params["notifications"].get("taskIds", [])
        if wanted and not self.declares(params):
            answer = {"code": -32021, "message": "undeclared"}
            return self.reply(400, {"jsonrpc": "2.0", "id": message["id"], "error": answer})
        known = [number for number in wanted if number in self.tasks.tasks]
        mark = {"_meta": {PREFIX + "subscriptionId": message["id"]}}
        first = {
            "jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged",
            "params": {"notifications": {"taskIds": known}, **mark}}
        self.stream(self.tasks.listen(known, mark, [first]))

    def modern(self, method: str, params: dict) -> dict:
        hints = {"ttlMs": 0, "cacheScope": "private"}
        if method == "server/discover":
            capabilities = {"tools": {}, "extensions": {EXTENSION: {}}}
            return {"resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": capabilities, **hints}
        if method == "tools/list":
            tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("work", "ask")]
            return {"resultType": "complete", "tools": tools, **hints}
        if method == "tools/call":
            if not self.declares(params):
                return {"resultType": "complete", "content": [{"type": "text", "text": "at once"}]}
            if params["name"] == "work":
                return {"resultType": "task", **self.tasks.make("working")}
            request = {
                "method": "elicitation/create",
                "params": {"message": "name?", "requestedSchema": {
                    "type": "object", "properties": {"name": {"type": "string"}}}}}
            task = self.tasks.make("input_required", inputRequests={"who": request})
            return {"resultType": "task", **self.tasks.state(task)}
        if method in ("tasks/get", "tasks/update", "tasks/cancel"):
            if not self.declares(params):
                raise Fault(-32021, "undeclared", {"requiredCapabilities": {"extensions": {EXTENSION: {}}}})
            task = self.tasks.get(params)
            if method == "tasks/get":
                return {"resultType": "complete", **task}
            if method == "tasks/cancel":
                if task["status"] not in ENDED:
                    self.tasks.advance({"taskId": task["taskId"], "status": "cancelled"})
            else:
                name = params["inputResponses"]["who"]["content"]["name"]
                self.tasks.advance({"taskId": task["taskId"], "status": "completed", "text": f"hello {name}"})
            return {"resultType": "complete"}
        raise Fault(-32601, "Method not found")

    # Revision 2025-11-25.

    def session(self, method: str, params: dict) -> dict:
        if method == "initialize":
            return {
                "protocolVersion": "2025-11-25", "serverInfo": {"name": "tasks", "version": "1"},
                "capabilities": {
                    "tools": {}, "tasks": {"list": {}, "cancel": {}, "requests": {"tools": {"call": {}}}}}}
        if method == "tools/list":
            kinds = {"work": "optional", "only": "required", "plain": "forbidden"}
            return {"tools": [
                {"name": name, "inputSchema": {"type": "object"}, "execution": {"taskSupport": kind}}
                for name, kind in kinds.items()]}
        if method == "tools/call":
            if "task" not in params:
                return {"content": [{"type": "text", "text": "at once"}]}
            return {"task": self.tasks.make("working")}
        if method == "tasks/list":
            return {"tasks": [self.tasks.state(task) for task in self.tasks.tasks.values()]}
        if method in ("tasks/get", "tasks/cancel", "tasks/result"):
            task = self.tasks.get(params)
            if method == "tasks/result":
                with self.tasks.changed:
                    self.tasks.changed.wait_for(lambda: task["status"] in ENDED)
                if task["status"] != "completed":
                    raise Fault(-32000, f"it was {task['status']}")
                return {**task["result"], "_meta": {RELATED: {"taskId": task["taskId"]}}}
            if method == "tasks/cancel":
                if task["status"] in ENDED:
                    raise Fault(-32602, f"it is {task['status']} already")
                self.tasks.advance({"taskId": task["taskId"], "status": "cancelled"})
            return self.tasks.state(task)
        raise Fault(-32601, "Method not found")


def main(kind: str, record: str | None = None) -> None:
    Handler.tasks = Tasks(kind == "modern")
    if record:
        sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "wire"))
        from recording import Recording

        Handler.recording = Recording(record)
    listening.serve(Handler)


if __name__ == "__main__":
    main(*sys.argv[1:])
