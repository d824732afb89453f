#!/usr/bin/env bash
# CPU per tools/call through the whole gateway and the plugin table to the template plugin in C: no network behind it.
# Needs a release build (`make build`) and wrk (a Debian package). Arguments: SECONDS, default 5; CONNECTIONS, default 32.
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"
seconds=${1:-5} connections=${2:-32}
vmcp="$ROOT/.build/release/vmcp"
[ -x "$vmcp" ] || die "$vmcp is not built. Run 'make build' first"
command -v wrk >/dev/null || die "wrk is missing. Install the Debian package: apt-get install wrk"

work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
make --no-print-directory -s -C "$ROOT/examples/plugins" all
plugin="$ROOT/.build/examples/plugins/template-c"
"$vmcp" serve --plugins "$plugin" --config "$ROOT/examples/plugins/template-c/resources.yaml" --port 0 \
    >"$work/out" 2>"$work/log" &
pid=$!
for _ in $(seq 100); do
    grep -q 'client entry' "$work/out" && break
    kill -0 "$pid" 2>/dev/null || die "vmcp ended at its start: $(tail -n 3 "$work/log")"
    sleep 0.1
done
endpoint=$(awk '$1 == "endpoint" { print $2 }' "$work/out")
[ -n "$endpoint" ] || die "vmcp printed no endpoint: $(tail -n 3 "$work/log")"

headers=(-H 'Content-Type: application/json' -H 'Accept: application/json, text/event-stream')
session=$(curl -sS -D - -o /dev/null "${headers[@]}" "$endpoint" -d '{"jsonrpc":"2.0","id":1,"method":"initialize",
    "params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}' |
    tr -d '\r' | awk 'tolower($1) == "mcp-session-id:" { print $2 }')
call='{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"c_shout","arguments":{"text":"hi"}}}'
answer=$(curl -sS "${headers[@]}" -H "Mcp-Session-Id: $session" "$endpoint" -d "$call")
case "$answer" in *'"result"'*HI*) ;; *) die "the call failed: $answer" ;; esac

cat >"$work/call.lua" <<LUA
wrk.method, wrk.body = "POST", '$call'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["Mcp-Session-Id"] = "$session"
LUA
ticks() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
before=$(ticks)
wrk -t1 -c"$connections" -d"${seconds}s" -s "$work/call.lua" "$endpoint" >"$work/wrk"
after=$(ticks)
if grep -q 'Non-2xx' "$work/wrk"; then die "some calls failed: $(grep 'Non-2xx' "$work/wrk")"; fi
calls=$(awk '/requests in/ { print $1 }' "$work/wrk")
awk -v calls="$calls" -v ticks="$((after - before))" -v hz="$(getconf CLK_TCK)" -v connections="$connections" \
    -v rate="$(awk '/Requests\/sec/ { print $2 }' "$work/wrk")" \
    -v rss="$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")" 'BEGIN {
    printf "tools/call, plugin in C, %d connections: %d calls, %.0f a second, %.1f us of CPU a call, %.0f MB resident\n",
        connections, calls, rate, ticks / hz * 1e6 / calls, rss / 1024 }'
