#!/usr/bin/env python3
"""Tells which tests failed in the last run of scripts/test.sh.

    failed-tests.py RECORD              prints each with what went wrong
    failed-tests.py RECORD --filters    prints a regular expression a line for `swift test --filter`
    failed-tests.py RECORD --in AGAIN   ends with 1 unless each of them was run again and passed

RECORD and AGAIN are files that `swift test --xunit-output` writes. Without RECORD, or without a failed test in it, the exit
status is 1: the run ended before its end, and nobody knows what failed.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree


def read(record: str) -> dict:
    """By the name of the test, what went wrong in it."""
    try:
        cases = ElementTree.parse(record).iter("testcase")
    except (OSError, ElementTree.ParseError) as error:
        sys.exit(f"error: no record of the tests ({error}): the run ended before its end")
    found = {}
    for case in cases:
        name = (case.get("classname", ""), case.get("name", ""))
        found.setdefault(name, []).extend(
            (failure.get("message") or failure.text or "failed").strip() for failure in case.iter("failure"))
    return found


def main() -> None:
    record, *options = sys.argv[1:]
    failed = {name: reasons for name, reasons in read(record).items() if reasons}
    if not failed:
        sys.exit(f"error: {record} has no failed test: the run ended before its end")
    if options[:1] == ["--in"]:
        again = read(options[1])
        failed = {name: again.get(name, ["it was not run again"]) for name in failed}
        if not any(failed.values()):
            return
    for (suite, name), reasons in failed.items():
        if options == ["--filters"]:
            # Suites are joined by dots in the record and by slashes in the names that a filter is matched with.
            print("^" + re.sub(r"\\\.", "[./]", re.escape(suite)) + "/" + re.escape(name))
        elif reasons:
            print(f"failed: {suite}/{name}", *(reason.replace("\n", "\n    ") for reason in reasons), sep="\n    ")
    if options[:1] == ["--in"]:
        sys.exit(1)


main()
