"""What is measured, and what it is measured against: the gateway, nginx, and the MCP server behind both."""

import http.client
import json
import os
import pwd
import socket
import time
from pathlib import Path

from .issuer import AUDIENCE, Issuer
from .processes import Failure, Program

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build" / "benchmarks"
# The environment variable names another build, to compare two.
VMCP = Path(os.environ.get("VMCP", ROOT / ".build" / "release" / "vmcp"))
STATELESS_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}


class Backend(Program):
    """The fast MCP server, on one port or several."""

    def __init__(self, work: Path, ports=1, tools=10, events=False, sessions_only=True):
        flags = ["--events"] * events + ["--sessions-only"] * sessions_only
        super().__init__(
            [BUILT / "backend", "--ports", ports, "--tools", tools, *flags], work / f"backend-{time.monotonic_ns()}.log")
        self.ports = [int(port) for port in self.line().split()]

    def asked(self) -> dict:
        """How often it was asked what."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=20)
        connection.request("GET", "/stats")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer


class Nginx(Program):
    """nginx as a reverse proxy with one worker and connections kept open on both sides."""

    CONFIGURATION = """
        {user}
        daemon off; worker_processes 1; pid {work}/nginx.pid; error_log stderr error;
        events {{ worker_connections 4096; }}
        http {{
            access_log off;
            client_body_temp_path {work}/body; proxy_temp_path {work}/proxy; fastcgi_temp_path {work}/fastcgi;
            uwsgi_temp_path {work}/uwsgi; scgi_temp_path {work}/scgi;
            upstream backend {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 1000000000; }}
            server {{
                listen 127.0.0.1:{port}; keepalive_requests 1000000000;
                location / {{
                    proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection "";
                    proxy_max_temp_file_size 0;
                }}
            }}
        }}
        """

    def __init__(self, work: Path, backend: int):
        self.port = free_port()
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
        configuration = work / "nginx.conf"
        configuration.write_text(
            self.CONFIGURATION.format(user=user, work=work, backend=backend, port=self.port))
        super().__init__(["nginx", "-e", "stderr", "-p", work, "-c", configuration], work / "nginx.log")
        wait_for_port(self.port, self)


class Gateway(Program):
    """`vmcp serve`. Ready, when made, to be asked: `await_tools` waits for its backends."""

    def __init__(self, work: Path, arguments, tool=(), program=VMCP):
        """- Parameter tool: what runs it, such as a profiler with its flags."""
        super().__init__([*tool, program, "serve", "--port", 0, *arguments], work / "vmcp.log")
        self.port = None
        self.token = ""  # what requests have to show
        while self.port is None:
            words = self.line().split()
            if words[:1] == ["endpoint"]:
                self.port = int(words[1].removesuffix("/mcp").rsplit(":", 1)[1])

    @classmethod
    def over(cls, work: Path, ports, tool=(), program=VMCP, issuer: Issuer | None = None, more=()) -> "Gateway":
        """A gateway over servers at loopback ports, named b0, b1 and so on.

        `issuer`: whose tokens it wants; `more`: lines of its configuration."""
        incoming = f'{{type: oidc, oidc: {{issuer: "{issuer.url}", audience: {AUDIENCE}}}}}' if issuer else "{type: anonymous}"
        lines = ["name: bench", "groupRef: bench", f"incomingAuth: {incoming}", "outgoingAuth: {source: inline}",
                 "aggregation: {conflictResolution: prefix, conflictResolutionConfig: {prefixFormat: \"{workload}_\"}}",
                 "backends:"]
        lines += [
            f'  - {{name: b{index}, url: "http://127.0.0.1:{port}/mcp", transport: streamable-http}}'
            for index, port in enumerate(ports)]
        configuration = work / "vmcp.yaml"
        configuration.write_text("\n".join([*lines, *more]) + "\n")
        server = cls(work, ["--config", configuration], tool, program)
        server.token = issuer.token() if issuer else ""
        return server

    def await_tools(self, count: int, patience=30.0):
        """Asks for tools until there are `count`, on all pages together. Raises after `patience` seconds."""
        fields = {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"}
        if self.token:
            fields["Authorization"] = f"Bearer {self.token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        end = time.monotonic() + patience
        found = 0
        while time.monotonic() < end:
            found, page = 0, {}
            while page is not None:
                body = json.dumps(
                    {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": STATELESS_META} | page})
                connection.request("POST", "/mcp", body, fields)
                result = json.loads(connection.getresponse().read()).get("result", {})
                found += len(result.get("tools", []))
                page = {"cursor": result["nextCursor"]} if "nextCursor" in result else None
            if found >= count:
                return connection.close()
            time.sleep(0.002)
        raise Failure(f"expected {count} tools from the gateway within {patience} s, found {found}; its log: {self.log}")

    def await_index(self, count: int, patience=120.0):
        """Asks for the status until `count` tools have vectors. Raises after `patience` seconds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        end = time.monotonic() + patience
        search = {}
        while time.monotonic() < end:
            connection.request("GET", "/status")
            search = json.loads(connection.getresponse().read()).get("optimizer", {})
            if search.get("embedding", {}).get("embedded", 0) >= count:
                return connection.close()
            time.sleep(0.002)
        raise Failure(f"expected vectors of {count} tools within {patience} s, found {search}; log: {self.log}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port: int, program: Program, patience=10.0):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except ConnectionRefusedError:
            if program.process.poll() is not None:
                program.line()
            time.sleep(0.01)
    raise Failure(f"nothing listens on port {port} after {patience} s; see {program.log}")
