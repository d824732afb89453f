#!/usr/bin/env bash
# Builds everything and runs all tests. Arguments go to `swift test`, for instance: scripts/test.sh --filter Gateway
set -euo pipefail
. "$(dirname "$0")/lib.sh"
project_environment

record="$ROOT/.build/tests.xml" # swift test puts "-swift-testing" before the ending
results="$ROOT/.build/tests-swift-testing.xml"
rm -f "$results"

# What is fetched is fetched here: the tests themselves need no network.
fetch_quickstart_servers
"$ROOT/scripts/model.sh" || stage "There is no embedding model: tests that need one say so and are left out"

stage "Building the template plugins"
make --no-print-directory -C "$ROOT/examples/plugins" all swift

stage "Building vmcp and its tests (the first time takes several minutes)"
swift build --package-path "$ROOT" --build-tests
"$ROOT/scripts/stage-plugins.sh" debug

stage "Running the tests"
if ! swift test --package-path "$ROOT" --skip-build --no-parallel --xunit-output "$record" "$@" </dev/null; then
    "$ROOT/scripts/failed-tests.py" "$results" >&2 || true
    die "tests failed; make test-failed runs those again"
fi
stage "Tests passed"
