#!/usr/bin/env python3
"""Measures the time from a backend's notice that its tools have changed to the notice of each client.

    changes.py [--sessions N] [--listens N] [--rounds N] [--backend sessions|2026-07-28]

The gateway has two backends, of which one changes. Between the two notices it lists the tools again and makes a new
catalogue. The clients are in the process that measures, and one reads after the other: with many of them a part of the
time is theirs.
"""

import argparse
import asyncio
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from driver.changing import ChangingServer
from driver.processes import Failure, Program
from driver.servers import VMCP
from driver.watching import Watcher

CONFIGURATION = """
name: changes
groupRef: changes
incomingAuth: {{type: anonymous}}
outgoingAuth: {{source: inline}}
aggregation:
  conflictResolution: prefix
  conflictResolutionConfig: {{prefixFormat: "{{workload}}_"}}
backends:
- {{name: one, url: "http://127.0.0.1:{one}/mcp", transport: streamable-http}}
- {{name: two, url: "http://127.0.0.1:{two}/mcp", transport: streamable-http}}
"""
LIMIT = 30  # seconds after which a notice is called lost


async def measure(arguments) -> dict[str, list[list[float]]]:
    """For each kind of client and round, the seconds that each client's notice took."""
    servers = [ChangingServer(arguments.backend == "2026-07-28") for _ in range(2)]
    one, two = [await server.start() for server in servers]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "changes.yaml").write_text(CONFIGURATION.format(one=one, two=two))
        with Program([VMCP, "serve", "--config", work / "changes.yaml", "--port", 0], work / "log") as gateway:
            port = await endpoint(gateway)
            watchers = {
                "session": [Watcher(port) for _ in range(arguments.sessions)],
                "listen": [Watcher(port) for _ in range(arguments.listens)],
            }
            for watcher in watchers["session"]:
                await watcher.open_session()
            for watcher in watchers["listen"]:
                await watcher.open_listen()
            while not all(server.streams and server.listed for server in servers):
                await asyncio.sleep(0.05)
            noticed = asyncio.Event()
            everybody = [watcher for kind in watchers.values() for watcher in kind]
            tasks = [asyncio.create_task(watcher.watch(noticed)) for watcher in everybody]
            rounds = await run_rounds(arguments.rounds, servers[0], watchers, everybody, noticed)
            for task in tasks:
                task.cancel()
            return rounds


async def endpoint(gateway: Program) -> int:
    while True:
        line = await asyncio.to_thread(gateway.line)
        if "endpoint" in line and "http://127.0.0.1:" in line:
            return int(line.split("http://127.0.0.1:")[1].split("/")[0])


async def run_rounds(count, server, watchers, everybody, noticed) -> dict[str, list[list[float]]]:
    rounds = {kind: [] for kind in watchers}
    for number in range(count):
        for watcher in everybody:
            watcher.times.clear()
        begin = time.perf_counter()
        server.change()
        while not all(watcher.times for watcher in everybody):
            left = begin + LIMIT - time.perf_counter()
            noticed.clear()
            try:
                await asyncio.wait_for(noticed.wait(), left)
            except TimeoutError:
                lost = sum(not watcher.times for watcher in everybody)
                raise Failure(f"round {number + 1}: {lost} clients got no notice within {LIMIT} seconds") from None
        for kind, group in watchers.items():
            rounds[kind].append([watcher.times[0] - begin for watcher in group])
        # What the gateway still does for this change must not count for the next.
        await asyncio.sleep(0.3)
    return rounds


def show(arguments, rounds: dict[str, list[list[float]]]) -> None:
    print(f"backend's notice to clients' notices, backends with {arguments.backend}, {arguments.rounds} rounds, milliseconds")
    print(f"{'clients':>16} {'median':>8} {'worst of a round (median)':>26} {'worst':>8}")
    for kind, times in rounds.items():
        if not times[0]:
            continue
        every = [time * 1000 for each in times for time in each]
        worst = [max(each) * 1000 for each in times]
        clients = f"{len(times[0])} {kind}s"
        print(f"{clients:>16} {statistics.median(every):8.1f} {statistics.median(worst):26.1f} {max(worst):8.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=100, help="clients with sessions (default 100)")
    parser.add_argument("--listens", type=int, default=100, help="clients of 2026-07-28 (default 100)")
    parser.add_argument("--rounds", type=int, default=20, help="changes (default 20)")
    parser.add_argument("--backend", choices=["sessions", "2026-07-28"], default="sessions", help="what the backends speak")
    arguments = parser.parse_args()
    if not VMCP.exists():
        sys.exit(f"error: {VMCP} is not built. Run 'make build' first, or name another build in VMCP")
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    try:
        show(arguments, asyncio.run(measure(arguments)))
    except Failure as failure:
        sys.exit(f"error: {failure}")


if __name__ == "__main__":
    main()
