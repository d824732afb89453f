"""Backends that go wrong beside one that does not, and clients that keep calling them."""

import http.client
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from .processes import Failure, Program
from .servers import ROOT, STATELESS_META, Gateway

SERVERS = ROOT / "Tests" / "EndToEndTests" / "Fixtures" / "servers"
HEAD = """
apiVersion: toolhive.stacklok.dev/v1beta1
kind: MCPGroup
metadata: {name: faults}
spec: {description: Servers that go wrong}
---
apiVersion: toolhive.stacklok.dev/v1beta1
kind: VirtualMCPServer
metadata: {name: gateway}
spec:
  groupRef: {name: faults}
  incomingAuth: {type: anonymous}
  config:
    operational:
"""
MEMBER = """---
apiVersion: toolhive.stacklok.dev/v1beta1
kind: {kind}
metadata: {{name: {name}}}
spec: {{groupRef: {{name: faults}}, {spec}}}
"""


class FaultyServers(Program):
    """Tests/EndToEndTests/Fixtures/servers/faults.py: servers at paths of their own, each as well or as ill as it is told."""

    def __init__(self, work: Path):
        super().__init__([sys.executable, SERVERS / "faults.py"], work / "faults.log")
        self.port = int(self.line().removeprefix("listening "))

    def __exit__(self, *_):
        # It may have been stopped.
        self.process.send_signal(signal.SIGCONT)
        super().__exit__(*_)

    def url(self, name: str, scheme="http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/{name}/mcp"

    def set(self, name: str, fault: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("POST", f"/{name}/fault", fault)
        connection.getresponse().read()
        connection.close()


def configuration(members: dict[str, str], operational: str) -> str:
    """Resources: `members` are URLs, or the mode of a hand-written server that the gateway runs."""
    text = HEAD + "".join(f"      {line}\n" for line in operational.strip().splitlines())
    for name, what in members.items():
        if "://" in what:
            text += MEMBER.format(kind="MCPRemoteProxy", name=name, spec=f'remoteUrl: "{what}", transport: streamable-http')
        else:
            arguments = json.dumps([str(SERVERS / "raw_stdio.py"), what, name])
            text += MEMBER.format(
                kind="MCPServer", name=name, spec=f'image: "exec:{sys.executable}", transport: stdio, args: {arguments}')
    return text


def gateway(work: Path, members: dict[str, str], operational: str, more=()) -> Gateway:
    file = work / "resources.yaml"
    file.write_text(configuration(members, operational))
    return Gateway(work, ["--config", file, *more])


class Client:
    """Requests of 2026-07-28 over one connection that is kept."""

    def __init__(self, port: int, patience=90.0):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)

    def ask(self, method: str, **params) -> dict:
        """The whole answer."""
        fields = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                  "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
        if "name" in params:
            fields["Mcp-Name"] = params["name"]
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params | {"_meta": STATELESS_META}}
        self.connection.request("POST", "/mcp", json.dumps(body), fields)
        text = self.connection.getresponse().read().decode()
        if text.startswith("{"):
            return json.loads(text)
        return json.loads([line for line in text.splitlines() if line.startswith("data:")][-1][5:])

    def category(self, tool: str, **arguments) -> str:
        """How a call ended: `ok`, or the category of its failure."""
        answer = self.ask("tools/call", name=tool, arguments=arguments)
        if "error" in answer:
            return f"error {answer['error']['code']}"
        meta = answer["result"].get("_meta", {})
        return meta.get("vmcp.dev/error", {}).get("category", "ok")

    def backends(self) -> set[str]:
        """Those that have tools in the list; names up to the first underscore."""
        return {tool["name"].split("_", 1)[0] for tool in self.ask("tools/list")["result"]["tools"]}


class Callers:
    """Threads that call tools of backends that may be faulty, each with a pause after each call."""

    def __init__(self, port: int, tools: list[tuple[str, dict]], threads=4, pause=0.05):
        self.port, self.tools, self.pause = port, tools, pause
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.failure: Exception | None = None
        self.forget()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]

    def forget(self):
        """Counts anew."""
        with self.lock:
            self.categories: Counter[str] = Counter()
            self.longest = 0.0

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if self.failure and not _[0]:
            raise Failure(f"a client of a faulty backend got no answer: {self.failure!r}")

    def work(self):
        client = Client(self.port)
        while not self.over.is_set():
            tool, arguments = random.choice(self.tools)
            began = time.monotonic()
            try:
                category = client.category(tool, **arguments)
            except Exception as failure:
                self.failure = failure
                return
            took = time.monotonic() - began
            with self.lock:
                self.categories[category] += 1
                self.longest = max(self.longest, took)
            time.sleep(self.pause)

    @property
    def faults(self) -> int:
        """Calls that failed for their backend."""
        with self.lock:
            return sum(count for category, count in self.categories.items()
                       if category != "ok" and not category.startswith("error"))


def await_list(port: int, backend: str, present: bool, patience=120.0) -> float:
    """- Returns: The seconds until a backend is in the list, or out of it."""
    client, began = Client(port), time.monotonic()
    while (backend in client.backends()) != present:
        if time.monotonic() - began > patience:
            raise Failure(f"{backend} is {'not yet' if present else 'still'} in the list after {patience:g} s")
        time.sleep(0.05)
    return time.monotonic() - began


def machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), "unknown processor")
    return f"{os.cpu_count()} x {model}, load average {' '.join(f'{value:.1f}' for value in os.getloadavg())}"
