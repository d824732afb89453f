"""The figures of a run: medians over rounds, ratios round by round, the machine, the table, the file."""

import json
import os
import platform
import re
import statistics
import subprocess
from datetime import datetime, timezone
from pathlib import Path

from .cases import Case
from .servers import ROOT

# To nginx in the same round.
RATIOS = {"cpu_ratio": "cpu_us", "rate_ratio": "rate", "p99_ratio": "p99_us", "byte_ratio": "bytes_per_second"}
COLUMNS = [
    ("rate", "per s", "{:.0f}"), ("rate_ratio", "× nginx", "{:.2f}"), ("cpu_us", "CPU µs", "{:.1f}"),
    ("cpu_ratio", "× nginx", "{:.2f}"), ("cpu_added_us", "more µs", "{:.1f}"), ("p50_us", "p50 µs", "{:.0f}"), ("p99_us", "p99 µs", "{:.0f}"),
    ("bytes_per_second", "MB/s", "{:.0f}"), ("peak_mb", "peak MB", "{:.0f}"), ("resident_mb", "RSS MB", "{:.0f}"),
    ("step_us", "µs a step", "{:.0f}"), ("session_kb", "kB each", "{:.1f}"), ("listening_ms", "listens ms", "{:.0f}"), ("full_ms", "full ms", "{:.0f}"),
    ("full_added_ms", "more ms", "{:.0f}"),
    ("resident_ratio", "RSS growth", "{:.2f}"), ("descriptor_growth", "more fds", "{:.0f}")]


def summarize(rounds: list) -> dict:
    """- Parameter rounds: of each round, the figures by target.
    - Returns: of each target, the median, least and greatest of each figure over the rounds."""
    summary = {}
    for target in rounds[0]:
        series = {}
        for figures in rounds:
            mine, reference = figures[target], figures.get("nginx")
            values = {name: value for name, value in mine.items() if isinstance(value, (int, float))}
            if reference and target != "nginx":
                values |= {
                    ratio: mine[name] / reference[name] for ratio, name in RATIOS.items() if reference.get(name)}
            if target == "vmcp-token" and "vmcp" in figures:
                values["cpu_added_us"] = mine["cpu_us"] - figures["vmcp"]["cpu_us"]
            if target == "vmcp-optimizer" and "vmcp" in figures:
                values["full_added_ms"] = mine["full_ms"] - figures["vmcp"]["full_ms"]
            for name, value in values.items():
                series.setdefault(name, []).append(value)
        summary[target] = {
            name: {"median": statistics.median(values), "least": min(values), "greatest": max(values)}
            for name, values in series.items()}
    return summary


def document(arguments, cases: dict) -> dict:
    return {"made": datetime.now(timezone.utc).isoformat(timespec="seconds"), "machine": machine(),
            "rounds": arguments.rounds, "seconds": arguments.seconds, "cases": cases}


def machine() -> dict:
    processors = Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*: (.*)", processors)
    memory = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": model.group(1) if model else platform.machine(), "cores": os.cpu_count(),
        "memory_gb": round(int(memory.group(1)) / 1e6) if memory else None, "kernel": platform.release(),
        "load_average": os.getloadavg()[0], "nginx": _said(["nginx", "-v"]),
        "commit": _said(["git", "-C", str(ROOT), "rev-parse", "HEAD"]),
        "changed": _said(["git", "-C", str(ROOT), "status", "--porcelain", "-uno"]).splitlines()}


def _said(command) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return (done.stdout or done.stderr).strip()


def table(case: Case, summary: dict) -> str:
    """The case as a table in Markdown, with what is to be reached below."""
    shown = [column for column in COLUMNS if any(column[0] in figures for figures in summary.values())]
    if not any(figures.get("bytes_per_second", {}).get("median", 0) > 1e8 for figures in summary.values()):
        shown = [column for column in shown if column[0] != "bytes_per_second"]
    lines = [f"### {case.name}: {case.what}", "", "| target | " + " | ".join(title for _, title, _ in shown) + " |",
             "| --- |" + " ---: |" * len(shown)]
    for target, figures in summary.items():
        lines.append(f"| {target} | " + " | ".join(_cell(figures.get(name), name, form) for name, _, form in shown) + " |")
    lines += ["", *(f"- {goal.target}: {goal.text(summary[goal.target][goal.metric]['median'])}"
                    for goal in case.goals if goal.metric in summary.get(goal.target, {})), ""]
    return "\n".join(lines)


def _cell(figure, name: str, form: str) -> str:
    """The median, and the range where it is what one steers by."""
    if figure is None:
        return ""
    scale = 1e-6 if name == "bytes_per_second" else 1
    text = form.format(figure["median"] * scale)
    if name in ("cpu_us", "cpu_ratio", "cpu_added_us", "full_ms"):
        text += f" ({form.format(figure['least'])} to {form.format(figure['greatest'])})"
    return text


def write(path: Path, content: dict):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")
