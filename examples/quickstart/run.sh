#!/usr/bin/env bash
# Serves resources.yaml: fetches the two programs from PyPI, starts the notes server, then becomes `vmcp serve`.
# Arguments go to `vmcp serve`, for instance: run.sh --port 5000
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
project_environment
cd "$ROOT"

VMCP="$ROOT/.build/release/vmcp"
NOTES_PORT=4484
LOG="$CACHE/quickstart/notes.log"

[ -x "$VMCP" ] || die "$VMCP is not built. Run 'make run', or 'make build' first"
[ -x "$VMCP_TEST_PYTHON" ] || die "the Python environment is missing. Run 'scripts/setup.sh run' first"

answers() {
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

fetch_quickstart_servers

stage "Starting the notes server on http://127.0.0.1:$NOTES_PORT/mcp"
answers "$NOTES_PORT" && die "port $NOTES_PORT is in use by another program. The quickstart needs it for its notes server"
mkdir -p "$(dirname "$LOG")"
# The server reads from a pipe whose other end is file descriptor 9 of this process, which becomes vmcp: however vmcp
# ends, the pipe closes and the server goes. A session of its own keeps Ctrl-C for vmcp, which then ends in order.
exec 9> >(exec setsid "$VMCP_TEST_PYTHON" examples/quickstart/notes_server.py --port "$NOTES_PORT" >"$LOG" 2>&1)
notes=$!
for _ in $(seq 300); do
    answers "$NOTES_PORT" && break
    kill -0 "$notes" 2>/dev/null || die "the notes server ended at its start: $(tail -n 3 "$LOG")"
    sleep 0.1
done
answers "$NOTES_PORT" || die "the notes server does not answer on port $NOTES_PORT after 30 s. Its log: $LOG"

stage "Starting vmcp"
exec "$VMCP" serve --config examples/quickstart/resources.yaml --host 127.0.0.1 --port 4483 "$@"
