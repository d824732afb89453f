#!/usr/bin/env bash
# Builds everything and runs all tests. Arguments go to `swift test`, for instance: scripts/test.sh --filter Gateway
set -euo pipefail
. "$(dirname "$0")/lib.sh"
project_environment

# What is fetched is fetched here: the tests themselves need no network.
fetch_quickstart_servers
"$ROOT/scripts/model.sh" || stage "There is no embedding model: tests that need one say so and are left out"

stage "Building the template plugins"
make --no-print-directory -C "$ROOT/examples/plugins" all swift

stage "Building vmcp and its tests (the first time takes several minutes)"
swift build --package-path "$ROOT" --build-tests
"$ROOT/scripts/stage-plugins.sh" debug

stage "Running the tests"
swift test --package-path "$ROOT" --skip-build --no-parallel "$@" </dev/null
stage "Tests passed"
