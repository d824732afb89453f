"""The cases: what is asked of whom. A row of the table each."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Goal:
    """A figure to reach: the median of `metric` of the target, at most or at least `limit`."""

    metric: str
    limit: float
    at_most: bool = True
    target: str = "vmcp"

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.at_most else value >= self.limit

    def text(self, value: float) -> str:
        sign = "<=" if self.at_most else ">="
        return f"{self.metric} {sign} {self.limit:g}: {value:.3g} " + ("reached" if self.holds(value) else "MISSED")


@dataclass(frozen=True)
class Case:
    """One benchmark. `kind` is the function in `measure.py` that runs it."""

    name: str
    what: str
    kind: str = "load"
    targets: tuple = ("nginx", "vmcp", "vmcp-2026")
    method: str = "tools/call"
    size: int = 64  # bytes of text in a result
    connections: int = 32
    backends: int = 3
    tools: int = 10  # of each backend
    events: bool = False  # the backend answers calls with event streams
    sessions_only: bool = True  # the backend knows no 2026-07-28
    session_calls: int = -1  # calls until a session ends; -1: it lasts
    sessions: int = 0  # to be held open
    silent: int = 0  # more backends that take connections and never answer
    by_default: bool = True
    goals: tuple = field(default=())


# Ratios are to nginx in the same round.
CPU, RATE, P99, BYTES = "cpu_ratio", "rate_ratio", "p99_ratio", "byte_ratio"

CASES = [
    Case("call-64", "tools/call, 64 B, 32 connections",
         goals=(Goal(CPU, 2.5), Goal(RATE, 0.4, at_most=False), Goal(CPU, 2.5, target="vmcp-2026"))),
    Case("call-64-c1", "tools/call, 64 B, 1 connection", connections=1),
    Case("call-64-c8", "tools/call, 64 B, 8 connections", connections=8, goals=(Goal(P99, 4),)),
    Case("call-64-c64", "tools/call, 64 B, 64 connections", connections=64),
    Case("call-10k", "tools/call, 10 kB", size=10_000),
    Case("call-1m", "tools/call, 1 MB, 8 connections", size=1_000_000, connections=8,
         goals=(Goal(BYTES, 0.6, at_most=False),)),
    Case("call-64-events", "tools/call, 64 B, the backend answers with event streams", events=True),
    Case("call-64-2026", "tools/call, 64 B, the backend knows 2026-07-28", sessions_only=False),
    Case("call-64-token", "tools/call, 64 B, without and with a JSON Web Token", targets=("vmcp", "vmcp-token"),
         goals=(Goal("cpu_added_us", 5, target="vmcp-token"),)),
    Case("call-64-b50", "tools/call, 64 B, 50 backends with 100 tools each", backends=50, tools=100),
    Case("list-30", "tools/list, 30 tools of 3 backends", method="tools/list", goals=(Goal(CPU, 1.5),)),
    Case("list-30-b30", "tools/list, 30 tools of 30 backends", method="tools/list", backends=30, tools=1,
         goals=(Goal(CPU, 1.5),)),
    Case("list-300", "tools/list, 300 tools of 3 backends", method="tools/list", tools=100),
    Case("list-3000", "tools/list, the first page of 3,000 tools", method="tools/list", tools=1000, connections=8),
    Case("plugin", "tools/call to a plugin written in C, nothing behind it", kind="plugin", targets=("vmcp",)),
    Case("workflow", "a composite tool of 10 steps in a row that call a backend, 8 connections", kind="workflow",
         targets=("vmcp",), connections=8, goals=(Goal("step_us", 100),)),
    Case("sessions", "sessions opened and ended, 8 connections", session_calls=0, connections=8,
         targets=("nginx", "vmcp"), goals=(Goal("rate", 2000, at_most=False),)),
    Case("idle-1000", "1,000 sessions that have asked nothing", kind="idle", targets=("vmcp",), sessions=1_000,
         session_calls=0, goals=(Goal("session_kb", 20),)),
    Case("idle-10000", "10,000 sessions that have asked nothing", kind="idle", targets=("vmcp",), sessions=10_000,
         session_calls=0, goals=(Goal("session_kb", 20), Goal("resident_mb", 300))),
    Case("idle-1000-called", "1,000 sessions that have called one backend", kind="idle", targets=("vmcp",),
         sessions=1_000, session_calls=1),
    Case("start-3", "from exec to a full tools/list, 3 backends", kind="start", targets=("vmcp",),
         goals=(Goal("full_ms", 150),)),
    Case("start-50", "from exec to a full tools/list, 50 backends", kind="start", targets=("vmcp",), backends=50,
         goals=(Goal("full_ms", 150),)),
    Case("start-silent", "the same with 3 backends and one that never answers", kind="start", targets=("vmcp",),
         silent=1, goals=(Goal("full_ms", 150),)),
    Case("start-optimizer", "from exec to a full list, or with the optimizer to an index with all vectors, which are on file; 527 tools",
         kind="start", targets=("vmcp", "vmcp-optimizer"), backends=17, tools=31,
         goals=(Goal("full_added_ms", 50, target="vmcp-optimizer"),)),
    Case("soak", "1,000,000 calls in 10,000 sessions: what is left after", kind="soak", targets=("vmcp",),
         session_calls=100, by_default=False,
         goals=(Goal("resident_ratio", 1.2), Goal("descriptor_growth", 0))),
]
