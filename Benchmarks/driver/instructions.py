"""Instructions that the gateway executes for one call, counted by callgrind: the same on a busy machine as on an idle one."""

import contextlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from .issuer import Issuer
from .load import Load, request
from .processes import Failure
from .servers import BUILT, VMCP, Backend, Gateway

WARMUP, CALLS = 200, 1000
REVISIONS = ("2025-11-25", "2026-07-28")


def count(revision: str, shown: int, with_token: bool = False) -> str:
    """- Parameter shown: how many functions to name.
    - Parameter with_token: whether each call shows a JSON Web Token.
    - Returns: the instructions of one `tools/call` with 64 bytes of result on one connection, and where they go."""
    with tempfile.TemporaryDirectory(prefix="vmcp-bench-") as folder, contextlib.ExitStack() as stack:
        work = Path(folder)
        backend = stack.enter_context(Backend(work, 3))
        dump = work / "callgrind.out"
        # A server of many threads: fair scheduling keeps one from being starved.
        tool = ["env", f"LD_PRELOAD={BUILT / 'sigsuspend.so'}", "valgrind", "--tool=callgrind", "--fair-sched=yes", "--instr-atstart=no",
                f"--callgrind-out-file={dump}"]
        issuer = stack.enter_context(Issuer(work)) if with_token else None
        server = stack.enter_context(Gateway.over(work, backend.ports, tool, _without_debug_info(work), issuer))
        server.await_tools(30, patience=120)
        asked = request("tools/call", "b0_tool_0", revision, {"size": 64}, smallest=64, token=server.token)
        for calls, control in ((WARMUP, "--instr=on"), (CALLS, "--dump")):
            with Load(work, server.port, asked, 1, "--requests", calls) as load:
                load.begin()
                load.result()
            _control(control, server.process.pid)
        dumps = sorted(work.glob("callgrind.out.*"))
        if not dumps:
            raise Failure(f"callgrind left no counts in {work}; its log: {server.log}")
        annotated = subprocess.run(
            ["callgrind_annotate", "--threshold=100", dumps[0]], capture_output=True, text=True, check=True).stdout
    total = re.search(r"([\d,]+) \(100\.0%\)\s+PROGRAM TOTALS", annotated)
    if not total:
        raise Failure("callgrind_annotate named no total")
    lines = [f"tools/call, 64 B, client of {revision}{' with a token' if with_token else ''}: {_number(total.group(1)) // CALLS} instructions a call"]
    functions = re.findall(r"^\s*([\d,]+) \([ \d.]+%\)\s+(\S.*)$", annotated.split("file:function")[-1], re.MULTILINE)
    lines += [f"{_number(instructions) // CALLS:9} {_demangled(name)[:140]}" for instructions, name in functions[:shown]]
    return "\n".join(lines)


def _without_debug_info(work: Path) -> Path:
    """A copy of the gateway that valgrind can read: that of Swift's debug information ends it."""
    copy = work / "vmcp"
    copy.mkdir()
    for program in [VMCP, VMCP.parent / "vmcp-supervisor", *VMCP.parent.glob("lib*.so")]:
        subprocess.run(["strip", "--strip-debug", "-o", copy / program.name, program], check=True)
    shutil.copytree(VMCP.parent / "plugins", copy / "plugins")
    return copy / "vmcp"


def _control(what: str, pid: int):
    done = subprocess.run(["callgrind_control", what, str(pid)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(f"callgrind_control {what} failed: {done.stdout}{done.stderr}")


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _demangled(name: str) -> str:
    symbol = re.search(r"\$s\S+", name)
    if not symbol:
        return name
    done = subprocess.run(
        ["swift", "demangle", "--compact", "--simplified", symbol.group(0)], capture_output=True, text=True, check=False)
    return done.stdout.strip() or name
