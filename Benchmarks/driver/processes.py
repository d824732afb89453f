"""Programs that a benchmark starts, and what /proc says of them and their descendants."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """What went wrong and what to do, for whoever runs the benchmarks."""


@dataclass
class Usage:
    """What a process tree has used so far."""

    cpu: float  # seconds, user and system
    resident: int  # bytes now
    peak: int  # bytes, the sum of each process's own peak
    descriptors: int
    processes: int


class Program:
    """A child process that is ended with the `with` block. Its standard error goes to a file."""

    def __init__(self, arguments, log: Path, **options):
        self.log = log
        with open(log, "wb") as errors:
            try:
                self.process = subprocess.Popen(
                    [str(argument) for argument in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=errors, text=True, **options)
            except FileNotFoundError as error:
                raise Failure(f"{arguments[0]} is not there: build it, or install it") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            print(f"benchmark: killing {self.process.args[0]}, which did not end in 20 seconds", file=sys.stderr)
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def line(self) -> str:
        """The next line it prints. Raises when it has ended instead."""
        line = self.process.stdout.readline()
        if not line:
            said = self.log.read_text(errors="replace").strip().splitlines()[-5:]
            raise Failure(f"{self.process.args[0]} ended early: " + "\n  ".join(said or ["it said nothing"]))
        return line.rstrip("\n")

    def usage(self) -> Usage:
        """The program and its descendants."""
        total = Usage(0, 0, 0, 0, 0)
        for pid in _tree(self.process.pid):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                status = dict(
                    line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
                descriptors = len(os.listdir(f"/proc/{pid}/fd"))
            except (FileNotFoundError, ProcessLookupError):
                continue
            total.cpu += (int(fields[11]) + int(fields[12])) * TICK
            total.resident += int(status["VmRSS"].split()[0]) * 1024
            total.peak += int(status["VmHWM"].split()[0]) * 1024
            total.descriptors += descriptors
            total.processes += 1
        return total


def _tree(root: int):
    yield root
    try:
        tasks = os.listdir(f"/proc/{root}/task")
    except FileNotFoundError:
        return
    for task in tasks:
        try:
            children = Path(f"/proc/{root}/task/{task}/children").read_text().split()
        except FileNotFoundError:
            continue
        for child in children:
            yield from _tree(int(child))
