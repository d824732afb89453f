"""The hand-written server over standard input and output: raw_stdio.py MODE [NAME [TOOL,…]]

Modes: ok, garbage-first, garbage-only, exit-at-once, silent, silent-list, broken-json, no-resources, refuse-reads, endless-pages,
huge-list, discover-silent, discover-exit, flood (a line that never ends), daemon (leaves a process behind that has let go of everything).
"""

import json
import os
import subprocess
import sys

from raw_mcp import RawServer


def main(mode: str, name: str = "raw", tools: str = "") -> None:
    server = RawServer(mode, name, tools)
    out = sys.stdout.buffer
    print(f"raw server, mode {mode}", file=sys.stderr, flush=True)
    if mode == "exit-at-once":
        print("cannot find my database", file=sys.stderr, flush=True)
        sys.exit(3)
    if mode in ("garbage-first", "garbage-only"):
        out.write(b"Starting up...\n\x00\xff\xfe binary\n\n{\"not\": \"rpc\"}\n[]\n")
        out.flush()
    if mode == "daemon":
        # A session of its own and no descriptor of ours; the process between them ends at once.
        subprocess.run(["sh", "-c", "setsid sleep 600 </dev/null >/dev/null 2>&1 &"], check=True)
    if mode == "flood":
        while True:
            out.write(b"x" * 1_000_000)
            out.flush()
    for line in sys.stdin.buffer:
        if mode == "garbage-only":
            out.write(b"I do not speak JSON\n")
            out.flush()
            continue
        answer = server.answer(json.loads(line))
        if answer is not None:
            out.write(answer + b"\n")
            out.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BrokenPipeError:
        os._exit(0)
