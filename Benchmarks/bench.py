#!/usr/bin/env python3
"""Measures the whole gateway beside nginx.

    bench.py run [--cases NAME,NAME…] [--targets NAME,NAME…] [--rounds N] [--seconds N] [--output FILE]
    bench.py list
    bench.py compare A.json B.json
    bench.py instructions [--functions N] [--token]
"""

import argparse
import fnmatch
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from driver import compare, instructions, results
from driver.cases import CASES
from driver.measure import measure
from driver.processes import Failure
from driver.servers import BUILT, ROOT, VMCP


def chosen(patterns: str) -> list:
    """The cases whose names match; without patterns, those that are run by default."""
    if not patterns:
        return [case for case in CASES if case.by_default]
    cases = [case for case in CASES if any(fnmatch.fnmatchcase(case.name, part) for part in patterns.split(","))]
    if not cases:
        raise Failure(f"no case matches '{patterns}'; 'bench.py list' names them all")
    return cases


def progress(text: str):
    """One line that is written over and over, on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{text}\033[K", end="", file=sys.stderr, flush=True)


def build_native():
    """The backend and the load generator. The gateway itself must be there."""
    if not VMCP.exists():
        raise Failure(f"{VMCP} is not built: run 'make build'")
    subprocess.run(["make", "--no-print-directory", "-s", "-C", ROOT / "Benchmarks" / "native", f"OUT={BUILT}"], check=True)


def run(arguments):
    cases = chosen(arguments.cases)
    build_native()
    measured = {}
    for case in cases:
        targets = [name for name in case.targets if not arguments.targets or name in arguments.targets.split(",")]
        if not targets:
            continue
        rounds = []
        for number in range(arguments.rounds):
            rounds.append({})
            for target in targets:
                progress(f"{case.name}: round {number + 1} of {arguments.rounds}, {target}")
                rounds[-1][target] = measure(case, target, arguments.seconds)
        progress("")
        summary = results.summarize(rounds)
        measured[case.name] = {"what": case.what, "summary": summary, "rounds": rounds}
        print(results.table(case, summary), flush=True)
        # After each case, so that a run that is broken off has not been for nothing.
        results.write(arguments.output, results.document(arguments, measured))
    print(f"written to {arguments.output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run", help="measure")
    runs.add_argument("--cases", default="", help="names or patterns such as 'call-*', with commas; default: all but soak")
    runs.add_argument("--targets", default="", help="nginx, vmcp, vmcp-2026; default: all that a case has")
    runs.add_argument("--rounds", type=int, default=5, help="measurements of each target, in turn (default 5)")
    runs.add_argument("--seconds", type=float, default=3, help="length of a measurement (default 3)")
    runs.add_argument(
        "--output", type=Path, default=BUILT / "results" / f"{datetime.now():%Y%m%d-%H%M%S}.json", help="the JSON file")
    commands.add_parser("list", help="name the cases")
    comparison = commands.add_parser("compare", help="two runs beside each other")
    comparison.add_argument("first", type=Path)
    comparison.add_argument("second", type=Path)
    counting = commands.add_parser("instructions", help="count the instructions of one call with callgrind")
    counting.add_argument("--functions", type=int, default=25, help="how many functions to name (default 25)")
    counting.add_argument("--token", action="store_true", help="calls that show a JSON Web Token")
    arguments = parser.parse_args()
    try:
        if arguments.command == "run":
            run(arguments)
        elif arguments.command == "list":
            for case in CASES:
                print(f"{case.name:18} {case.what}")
        elif arguments.command == "compare":
            print(compare.compare(arguments.first, arguments.second))
        else:
            build_native()
            for revision in instructions.REVISIONS:
                print(instructions.count(revision, arguments.functions, arguments.token), end="\n\n", flush=True)
    except Failure as failure:
        sys.exit(f"error: {failure}")
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
