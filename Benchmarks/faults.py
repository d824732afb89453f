#!/usr/bin/env python3
"""Measures what clients of a backend notice while another backend goes wrong: for each fault the p99 of their calls, before
it and during it.

    faults.py [--faults NAME,NAME…] [--rounds N] [--seconds N]

A gateway has a fast backend that stays well and one that gets the fault. 4 connections call the first as fast as it answers,
before the fault and during it; 4 clients call the other all the time, 50 ms after each answer. Each round has a gateway and
servers of its own. Shown are medians over the rounds, and beside them what the callers of the faulty backend were told, the
longest that one of them waited, and how long the backend took to leave the list and, once mended, to come back.
"""

import argparse
import contextlib
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from driver import faulting
from driver.load import Load, request
from driver.processes import Failure
from driver.servers import BUILT, ROOT, VMCP, Backend

OPERATIONAL = """
timeouts: {default: 2s}
failureHandling:
  healthCheckInterval: 5s
  healthCheckTimeout: 2s
  circuitBreaker: {enabled: true, failureThreshold: 5, timeout: 2s}
"""


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    leaves: bool = True  # the list
    returns: bool = True  # once mended
    scheme: str = "http"


FAULTS = [
    Fault("killed", "killed: the port refuses", returns=False),
    Fault("stopped", "stopped (SIGSTOP)"),
    Fault("silent", "takes requests and never answers"),
    Fault("trickle", "answers byte by byte, without end"),
    Fault("cut", "closes in the middle of an answer"),
    Fault("endless", "sends bodies without end"),
    Fault("500", "answers 500"),
    Fault("429", "answers 429 with Retry-After", leaves=False),
    Fault("redirect", "redirects to itself"),
    Fault("text", "answers with a page for people"),
    Fault("tls", "broken TLS, from the start", leaves=False, returns=False, scheme="https"),
    Fault("forget", "forgets its sessions", leaves=False, returns=False),
    Fault("restart", "forgets its sessions and has other tools", leaves=False, returns=False),
    Fault("exit", "a process that exits at every call", leaves=False),
]


@dataclass
class Round:
    calm: float  # p99 in milliseconds
    faulty: float
    categories: Counter = field(default_factory=Counter)
    longest: float = 0.0
    gone: float | None = None
    back: float | None = None


def load(work: Path, port: int, seconds: float) -> float:
    """The p99 of calls to the backend that is well, in milliseconds."""
    asked = request("tools/call", "good_tool_0", "2026-07-28", {"size": 64}, smallest=64)
    with Load(work, port, asked, 4, "--warmup", 0.3, "--seconds", seconds) as run:
        run.begin()
        return run.result()["call_us"]["p99"] / 1e3


def measure(fault: Fault, seconds: float) -> Round:
    with tempfile.TemporaryDirectory(prefix="vmcp-faults-") as folder, contextlib.ExitStack() as stack:
        work = Path(folder)
        good = stack.enter_context(Backend(work, sessions_only=False))
        servers = stack.enter_context(faulting.FaultyServers(work))
        bad = "ok" if fault.name == "exit" else servers.url("bad", fault.scheme)
        gateway = stack.enter_context(
            faulting.gateway(work, {"good": f"http://127.0.0.1:{good.ports[0]}/mcp", "bad": bad}, OPERATIONAL))
        faulting.await_list(gateway.port, "good", True)
        if fault.scheme == "http":
            faulting.await_list(gateway.port, "bad", True)
        tools = [("bad_echo", {"text": "x"})]
        callers = stack.enter_context(faulting.Callers(gateway.port, tools))
        result = Round(load(work, gateway.port, seconds), 0)
        callers.forget()
        gone = threading.Thread(target=lambda: setattr(result, "gone", faulting.await_list(gateway.port, "bad", False)))
        if fault.name in ("killed", "stopped"):
            servers.process.send_signal(signal.SIGKILL if fault.name == "killed" else signal.SIGSTOP)
        elif fault.name == "exit":
            callers.tools = [("bad_exit", {})]
        elif fault.name != "tls":
            servers.set("bad", fault.name)
        if fault.leaves:
            gone.start()
        result.faulty = load(work, gateway.port, seconds)
        if fault.leaves:
            gone.join()
        result.categories, result.longest = callers.categories, callers.longest
        if fault.returns:
            if fault.name == "stopped":
                servers.process.send_signal(signal.SIGCONT)
            elif fault.name == "exit":
                callers.tools = tools
            else:
                servers.set("bad", "")
            result.back = faulting.await_list(gateway.port, "bad", True)
        return result


def row(fault: Fault, rounds: list[Round]) -> tuple[str, float]:
    def middle(values):
        known = [value for value in values if value is not None]
        return statistics.median(known) if known else None

    def seconds(value):
        return "" if value is None else f"{value:.1f} s"

    calm, faulty = middle([one.calm for one in rounds]), middle([one.faulty for one in rounds])
    told = sum((one.categories for one in rounds), Counter())
    words = ", ".join(f"`{name}`" for name, _ in told.most_common(5) if name != "ok")
    cells = [fault.what, f"{calm:.2f} ms", f"{faulty:.2f} ms", f"{faulty / calm:.2f}", words,
             seconds(max(one.longest for one in rounds)), seconds(middle([one.gone for one in rounds])),
             seconds(middle([one.back for one in rounds]))]
    return "| " + " | ".join(cells) + " |", faulty / calm


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faults", default="", help="names with commas; default: all")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each fault (default 3)")
    parser.add_argument("--seconds", type=float, default=4, help="length of each of its two measurements (default 4)")
    arguments = parser.parse_args()
    chosen = [fault for fault in FAULTS if not arguments.faults or fault.name in arguments.faults.split(",")]
    try:
        if not VMCP.exists():
            raise Failure(f"{VMCP} is not built: run 'make build'")
        if not chosen:
            raise Failure(f"no fault matches '{arguments.faults}'; there are {', '.join(fault.name for fault in FAULTS)}")
        subprocess.run(
            ["make", "--no-print-directory", "-s", "-C", ROOT / "Benchmarks" / "native", f"OUT={BUILT}"], check=True)
        print(f"{faulting.machine()}\n")
        print("| fault of the other backend | p99 before | p99 during | ratio | its callers are told | longest wait | leaves "
              "the list after | back after |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
        missed = []
        for fault in chosen:
            text, ratio = row(fault, [measure(fault, arguments.seconds) for _ in range(arguments.rounds)])
            print(text, flush=True)
            if ratio > 2:
                missed.append(fault.name)
        print(f"\n{faulting.machine()}\np99 within twice its calm value: " +
              ("reached for all" if not missed else f"MISSED for {', '.join(missed)}"))
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"error: {failure}")


if __name__ == "__main__":
    main()
