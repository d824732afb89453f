#!/usr/bin/env bash
# Measures find_tool on the tool-retrieval benchmark: run.sh FOLDER [options of bench-retrieval]
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"

data="$1"
shift
[ -r "$data/tools.jsonl" ] || die "no tool-retrieval data at $data: name the folder with tools.jsonl and" \
    "queries.dev.jsonl, as in make bench-retrieval DATA=../tool-retrieval"
# The model lies in the cache, where make model puts it, unless the environment says otherwise.
export VMCP_MODEL_DIR="${VMCP_MODEL_DIR:-$CACHE/model}"
exec "$ROOT/.build/release/bench-retrieval" --data "$data" --cache "$CACHE/bench-retrieval.sqlite" "$@"
