"""One measurement of one case: starts the servers anew, asks, and returns the figures by name."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .cases import Case
from .issuer import Issuer
from .load import Load, request
from .servers import ROOT, Backend, Gateway, Nginx

SESSIONS = "2025-11-25"
PAGE = 1000  # tools on a page of the gateway
WARMUP = 0.5  # seconds


def measure(case: Case, target: str, seconds: float) -> dict:
    """- Returns: figures by name. CPU is microseconds per request (or per session, where those are what is counted)."""
    with tempfile.TemporaryDirectory(prefix="vmcp-bench-") as folder, contextlib.ExitStack() as stack:
        return globals()[f"_{case.kind}"](case, target, seconds, Path(folder), stack)


def _load(case, target, seconds, work, stack):
    total = min(case.backends * case.tools, PAGE)
    if target == "nginx":
        # The same number of tools in one list, since nginx merges nothing.
        lists = case.method == "tools/list"
        backend = stack.enter_context(Backend(work, 1, total if lists else case.tools, case.events, False))
        server = stack.enter_context(Nginx(work, backend.ports[0]))
        token, tool = "", "tool_0"
    else:
        issuer = stack.enter_context(Issuer(work)) if target == "vmcp-token" else None
        backend, server = _gateway(case, work, stack, issuer)
        token, tool = server.token, "b0_tool_0"
    revision = "2026-07-28" if target.endswith("2026") else SESSIONS
    asked = request(
        case.method, tool, revision, {"size": case.size}, token=token,
        smallest=case.size if case.method == "tools/call" else total * 200)
    figures = _run(case, server, work, asked, seconds)
    figures["backend"] = backend.asked()
    return figures


def _gateway(case, work, stack, issuer=None):
    backend = stack.enter_context(
        Backend(work, case.backends, case.tools, case.events, case.sessions_only))
    server = stack.enter_context(Gateway.over(work, backend.ports, issuer=issuer))
    server.await_tools(case.backends * case.tools)
    return backend, server


def _run(case, server, work, asked, seconds):
    options = ["--warmup", WARMUP, "--seconds", seconds, "--session-calls", case.session_calls]
    with Load(work, server.port, asked, case.connections, *options) as load:
        load.begin()
        before = server.usage()
        result = load.result()
        after = server.usage()
    of = "session" if case.session_calls == 0 else "call"
    count = result[f"{of}s"]
    return {
        "count": count, "rate": count / result["seconds"], "cpu_us": (after.cpu - before.cpu) / count * 1e6,
        "p50_us": result[f"{of}_us"]["p50"], "p99_us": result[f"{of}_us"]["p99"],
        "bytes_per_second": result["bytes"] / result["seconds"], "resident_mb": after.resident / 1e6,
        "peak_mb": after.peak / 1e6}


def _plugin(case, _, seconds, work, stack):
    subprocess.run(["make", "--no-print-directory", "-s", "-C", ROOT / "examples" / "plugins", "all"], check=True)
    plugin = ROOT / ".build" / "examples" / "plugins" / "template-c"
    configuration = ROOT / "examples" / "plugins" / "template-c" / "resources.yaml"
    server = stack.enter_context(Gateway(work, ["--plugins", plugin, "--config", configuration]))
    server.await_tools(1)
    asked = request("tools/call", "c_shout", SESSIONS, {"text": "hi"}, expect="HI")
    return _run(case, server, work, asked, seconds)


def _workflow(case, _, seconds, work, stack):
    """What a step costs beside the call that it makes: a run of the composite tool, less what any request costs, is compared
    with as many calls, less the same. A request that is answered without a backend (ping) stands for what any costs."""
    steps = 10
    lines = ["compositeTools:", "  - name: chain", "    description: Each step sends what the one before it got",
             "    parameters: {type: object, properties: {size: {type: integer}}, required: [size]}", "    steps:"]
    for step in range(steps):
        size = "{{len .steps.s%d.output.text}}" % (step - 1) if step else "{{.params.size}}"
        lines.append(f'      - {{id: s{step}, tool: b0_tool_0, arguments: {{size: "{size}"}}}}')
    backend = stack.enter_context(Backend(work, case.backends, case.tools))
    server = stack.enter_context(Gateway.over(work, backend.ports, more=lines))
    server.await_tools(case.backends * case.tools + 1)

    def run(method, tool=""):
        size = case.size if tool else 0
        return _run(case, server, work, request(method, tool, SESSIONS, {"size": case.size}, smallest=size), seconds)

    answered, called = run("ping")["cpu_us"], run("tools/call", "b0_tool_0")["cpu_us"]
    figures = run("tools/call", "chain")
    step = (figures["cpu_us"] - answered) / steps
    return figures | {"ping_us": answered, "call_us": called, "step_us": step - (called - answered)}


def _idle(case, _, __, work, stack):
    _, server = _gateway(case, work, stack)
    asked = request("tools/call", "b0_tool_0", SESSIONS, {"size": 64}, smallest=64)

    def hold(count):
        load = stack.enter_context(Load(work, server.port, asked, 8, "--hold", count, "--session-calls", case.session_calls))
        load.begin()
        load.result()
        return server.usage().resident

    before = hold(200)  # what the first sessions need is not what each one needs
    after = hold(case.sessions)
    return {"session_kb": (after - before) / case.sessions / 1000, "resident_mb": after / 1e6, "count": case.sessions}


def _start(case, target, _, work, stack):
    backend = stack.enter_context(Backend(work, case.backends, case.tools))
    ports = backend.ports
    for _ in range(case.silent):
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ports = ports + [listener.getsockname()[1]]
    more, complete = [], Gateway.await_tools
    if target == "vmcp-optimizer":
        more, complete = [f"optimizer: {{cacheFile: {work / 'vectors.sqlite'}}}"], Gateway.await_index
        with Gateway.over(work, ports, more=more) as first:  # which puts the vectors on file
            first.await_index(case.backends * case.tools)
    began = time.monotonic()
    server = stack.enter_context(Gateway.over(work, ports, more=more))
    listening = time.monotonic()
    complete(server, case.backends * case.tools)
    full = time.monotonic()
    usage = server.usage()
    if case.silent:
        # It may take its time to end in order: it waits for the silent one.
        stack.callback(os.kill, server.process.pid, signal.SIGTERM)
    return {"count": 1, "listening_ms": (listening - began) * 1e3, "full_ms": (full - began) * 1e3,
            "resident_mb": usage.resident / 1e6, "cpu_ms": usage.cpu * 1e3}


def _soak(case, _, __, work, stack):
    backend, server = _gateway(case, work, stack)
    asked = request("tools/call", "b0_tool_0", SESSIONS, {"size": 64}, smallest=64)
    tenths = []
    for _ in range(10):
        options = ["--requests", 100_000, "--session-calls", case.session_calls]
        with Load(work, server.port, asked, case.connections, *options) as load:
            load.begin()
            load.result()
        tenths.append(server.usage())
    resident = [usage.resident / 1e6 for usage in tenths]
    return {"count": 1_000_000, "resident_mb": resident[-1], "resident_mb_by_tenth": resident,
            "resident_ratio": resident[-1] / resident[0], "descriptors_by_tenth": [usage.descriptors for usage in tenths],
            "descriptor_growth": tenths[-1].descriptors - tenths[0].descriptors, "backend": backend.asked()}
