#!/usr/bin/env bash
# Times the parts that every call goes through, one by one. Arguments are those of `swift package benchmark`, such as
# --filter 'call.*'.
set -euo pipefail
. "$(dirname "$0")/../../scripts/lib.sh"
here="$ROOT/Benchmarks/Micro"
export VMCP_MICRO_PLUGIN="$ROOT/.build/benchmarks/echo"
mkdir -p "$VMCP_MICRO_PLUGIN"
gcc -std=c11 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -I"$ROOT/Sources/PluginAPI/include" \
    -o "$VMCP_MICRO_PLUGIN/libecho.so" "$here/Plugin/echo.c"
install -m 0644 "$here/Plugin/plugin.yaml" "$VMCP_MICRO_PLUGIN/plugin.yaml"
exec swift package --package-path "$here" --scratch-path "$ROOT/.build/micro" benchmark --no-progress "$@"
