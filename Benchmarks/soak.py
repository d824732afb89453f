#!/usr/bin/env python3
"""Runs the gateway for a long time with everything that can happen to it, and shows what it holds at the end: calls in
sessions, faults of backends, processes that exit, reloads.

    soak.py [--minutes N] [--faults N]

Ends when both are reached: the minutes (default 60) and the faulty calls (default 10,000). Fails when one call to a backend
that is well is lost, or when at the end, with everything mended, more descriptors or processes are held than at the
beginning, or a fifth more memory.
"""

import argparse
import contextlib
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from driver import faulting
from driver.load import Load, request
from driver.processes import Failure
from driver.servers import BUILT, ROOT, VMCP, Backend

FAULTS = ["500", "429", "cut", "redirect", "text", "endless", "trickle", "restart"]
SUBJECTS = 4
OPERATIONAL = """
timeouts: {default: 2s}
failureHandling:
  healthCheckInterval: 5s
  healthCheckTimeout: 2s
  circuitBreaker: {enabled: true, failureThreshold: 20, timeout: 1s}
"""
HIDING = 'aggregation:\n  tools:\n  - {workload: good, filter: ["tool_0", "tool_1"]}\n'


class Soak:
    def __init__(self, work: Path, stack: contextlib.ExitStack):
        self.work = work
        backend = stack.enter_context(Backend(work))
        self.servers = stack.enter_context(faulting.FaultyServers(work))
        self.members = {"good": f"http://127.0.0.1:{backend.ports[0]}/mcp", "process": "ok"}
        self.members |= {f"bad{number}": self.servers.url(f"bad{number}") for number in range(SUBJECTS)}
        self.gateway = stack.enter_context(faulting.gateway(work, self.members, OPERATIONAL, ["--no-watch"]))
        self.reloads = 0
        for name in self.members:
            faulting.await_list(self.gateway.port, name, True)

    def callers(self) -> faulting.Callers:
        """Clients that keep calling whatever is ill."""
        tools = [(f"bad{number}_echo", {"text": "x"}) for number in range(SUBJECTS)]
        return faulting.Callers(self.gateway.port, tools + [("process_exit", {})] + tools * 5, pause=0.02)

    def round(self, fault: str) -> int:
        """One backend falls ill, or gets well, while the configuration is read again. Answers the calls that were well."""
        self.servers.set(f"bad{random.randrange(SUBJECTS)}", fault)
        self.reload()
        return self.load(5)

    def reload(self):
        """Another configuration each time: what clients see of one backend differs."""
        self.reloads += 1
        text = faulting.configuration(self.members, OPERATIONAL)
        if self.reloads % 2:
            text = text.replace("    operational:\n", "    " + HIDING.replace("\n", "\n    ").rstrip(" ") + "    operational:\n")
        (self.work / "resources.yaml").write_text(text)
        self.gateway.process.send_signal(signal.SIGHUP)

    def load(self, seconds: float) -> int:
        """Calls in sessions, each of 50 calls, to the backend that is well; a wrong answer raises."""
        asked = request("tools/call", "good_tool_0", "2025-11-25", {"size": 64}, smallest=64)
        options = ["--warmup", 0.1, "--seconds", seconds, "--session-calls", 50]
        with Load(self.work, self.gateway.port, asked, 4, *options) as run:
            run.begin()
            return run.result()["calls"]

    def mend(self):
        for number in range(SUBJECTS):
            self.servers.set(f"bad{number}", "")
        for name in self.members:
            faulting.await_list(self.gateway.port, name, True)

    def settled(self):
        """What is held when nothing has gone on for a moment."""
        usage, before = self.gateway.usage(), None
        while before is None or (usage.descriptors, usage.processes) != (before.descriptors, before.processes):
            time.sleep(1)
            usage, before = self.gateway.usage(), usage
        return usage


def run(minutes: float, faults: int):
    with tempfile.TemporaryDirectory(prefix="vmcp-soak-") as folder, contextlib.ExitStack() as stack:
        soak = Soak(Path(folder), stack)
        print(faulting.machine())
        # Every fault once: what the first of a kind brings (code that is read in, room that is kept) is not what is left behind.
        with soak.callers():
            for fault in FAULTS:
                soak.round(fault)
        soak.mend()
        first = soak.settled()
        print(f"{'minutes':>8} {'calls':>10} {'faults':>8} {'reloads':>8} {'descriptors':>12} {'processes':>10} {'MB':>7}")
        began, calls = time.monotonic(), 0
        with soak.callers() as callers:
            while time.monotonic() - began < minutes * 60 or callers.faults < faults:
                calls += soak.round(random.choice(FAULTS + [""]))
                if soak.reloads % max(1, int(minutes)) == 0:
                    usage = soak.gateway.usage()
                    print(f"{(time.monotonic() - began) / 60:8.1f} {calls:10} {callers.faults:8} {soak.reloads:8} "
                          f"{usage.descriptors:12} {usage.processes:10} {usage.resident / 1e6:7.1f}", flush=True)
        told = dict(callers.categories)
        soak.mend()
        last = soak.settled()
        print(f"\n{calls} calls, none lost; {callers.faults} faults: {told}\n"
              f"descriptors {first.descriptors} → {last.descriptors}, processes {first.processes} → {last.processes}, "
              f"resident {first.resident / 1e6:.1f} → {last.resident / 1e6:.1f} MB\n{faulting.machine()}")
        if last.descriptors > first.descriptors or last.processes > first.processes:
            raise Failure("descriptors or processes are left behind")
        if last.resident > first.resident * 1.2:
            raise Failure("memory grows")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="how long at least (default 60)")
    parser.add_argument("--faults", type=int, default=10_000, help="faulty calls at least (default 10,000)")
    arguments = parser.parse_args()
    try:
        if not VMCP.exists():
            raise Failure(f"{VMCP} is not built: run 'make build'")
        subprocess.run(
            ["make", "--no-print-directory", "-s", "-C", ROOT / "Benchmarks" / "native", f"OUT={BUILT}"], check=True)
        run(arguments.minutes, arguments.faults)
    except (Failure, subprocess.CalledProcessError) as failure:
        sys.exit(f"error: {failure}")


if __name__ == "__main__":
    main()
