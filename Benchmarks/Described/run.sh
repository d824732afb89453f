#!/usr/bin/env bash
# Measures what a described call costs beside a direct one. Prints the table of docs/described-libraries.md.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
gcc -shared -fPIC -O2 -o "$folder/libbenchmark.so" "$ROOT/Benchmarks/Described/library.c"
"$ROOT/.build/${CONFIGURATION:-release}/vmcp-library" benchmark "$ROOT/Benchmarks/Described/library.yaml" "$folder/libbenchmark.so" "$@"
