"""Two runs beside each other."""

import json
from pathlib import Path

from .processes import Failure

# Figure, title, whether less is better. Ratios to nginx hold across runs; plain times do on an idle machine only.
FIGURES = [
    ("cpu_ratio", "CPU × nginx", True), ("rate_ratio", "rate × nginx", False), ("p99_ratio", "p99 × nginx", True),
    ("byte_ratio", "bytes/s × nginx", False), ("cpu_us", "CPU µs", True), ("peak_mb", "peak MB", True), ("session_kb", "kB a session", True), ("full_ms", "start ms", True)]


def compare(first: Path, second: Path) -> str:
    """A table of what both runs measured. A difference counts when the ranges of the rounds do not overlap."""
    runs = [_read(path) for path in (first, second)]
    before, after = (run["cases"] for run in runs)
    few = min(run["rounds"] for run in runs) < 3
    lines = [f"A: {first}", f"B: {second}", "", "| case | target | figure | A | B | B / A | |", "| --- | --- | --- | ---: | ---: | ---: | --- |"]
    for case in (name for name in before if name in after):
        for target in (name for name in before[case]["summary"] if name in after[case]["summary"]):
            old, new = before[case]["summary"][target], after[case]["summary"][target]
            lines += [_row(case, target, title, old[name], new[name], None if few else less)
                      for name, title, less in FIGURES if name in old and name in new]
    if len(lines) == 5:
        raise Failure(f"{first} and {second} have no case in common")
    if few:
        lines += ["", "No verdicts: they need three rounds in both runs."]
    return "\n".join(lines)


def _row(case, target, title, old, new, less) -> str:
    """- Parameter less: whether less is better; `None` for no verdict."""
    if less is None:
        verdict = ""
    elif new["greatest"] < old["least"]:
        verdict = "better" if less else "worse"
    elif new["least"] > old["greatest"]:
        verdict = "worse" if less else "better"
    else:
        verdict = ""
    ratio = f"{new['median'] / old['median']:.2f}" if old["median"] else ""
    return f"| {case} | {target} | {title} | {old['median']:.2f} | {new['median']:.2f} | {ratio} | {verdict} |"


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Failure(f"{path} is no result of 'make bench': {error}") from error
