"""The hand-written server over standard input and output: raw_stdio.py MODE

Modes: ok, garbage-first, garbage-only, exit-at-once, silent, silent-list, broken-json, no-resources, endless-pages,
huge-list, flood (a line that never ends).
"""

import json
import os
import sys

from raw_mcp import RawServer


def main(mode: str) -> None:
    server = RawServer(mode)
    out = sys.stdout.buffer
    print(f"raw server, mode {mode}", file=sys.stderr, flush=True)
    if mode == "exit-at-once":
        print("cannot find my database", file=sys.stderr, flush=True)
        sys.exit(3)
    if mode in ("garbage-first", "garbage-only"):
        out.write(b"Starting up...\n\x00\xff\xfe binary\n\n{\"not\": \"rpc\"}\n[]\n")
        out.flush()
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
        main(sys.argv[1] if len(sys.argv) > 1 else "ok")
    except BrokenPipeError:
        os._exit(0)
