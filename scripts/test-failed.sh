#!/usr/bin/env bash
# Runs again the tests that failed in the last run of scripts/test.sh, with what was built then.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
project_environment

results="$ROOT/.build/tests-swift-testing.xml"
"$ROOT/scripts/failed-tests.py" "$results" >&2
filters=()
while IFS= read -r filter; do filters+=(--filter "$filter"); done < <("$ROOT/scripts/failed-tests.py" "$results" --filters)
stage "Running what failed again"
again="$ROOT/.build/again.xml" # swift test puts "-swift-testing" before the ending
rm -f "$ROOT/.build/again-swift-testing.xml"
swift test --package-path "$ROOT" --skip-build --no-parallel --xunit-output "$again" "${filters[@]}" </dev/null || true
"$ROOT/scripts/failed-tests.py" "$results" --in "$ROOT/.build/again-swift-testing.xml" >&2
stage "Passed this time: each of these tests is unsteady, and why is to be found:"
"$ROOT/scripts/failed-tests.py" "$results" >&2
