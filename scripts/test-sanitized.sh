#!/usr/bin/env bash
# Runs the tests of described libraries under AddressSanitizer, with the long rounds of the fuzz tests. Its build products
# are apart from the others: .build/sanitized.
#
#   scripts/test-sanitized.sh [--filter DescribedTests.CallTests]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$ROOT"
project_environment
# The Swift runtime and dlopen keep memory for good, which LeakSanitizer cannot tell from leaks: it is off unless asked for.
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0:abort_on_error=1}"
export VMCP_FUZZ_ROUNDS="${VMCP_FUZZ_ROUNDS:-100000}"
arguments=("$@")
[ $# -gt 0 ] || arguments=(--filter DescribedTests)
stage "Building and testing with AddressSanitizer"
swift test --scratch-path .build/sanitized --sanitize=address --no-parallel "${arguments[@]}"
