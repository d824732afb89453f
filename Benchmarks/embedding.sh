#!/usr/bin/env bash
# Measures the plugin for local embeddings, as it was built last, with one thread and the model of .cache/model.
#
#   Benchmarks/embedding.sh [FILE]      texts, one a line; by default what the sources of this repository say in comments
set -euo pipefail
. "$(dirname "$0")/../scripts/lib.sh"

texts="${1:-}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
if [ -z "$texts" ]; then
    texts="$work/texts"
    grep -rhoE '^ *///? [A-Z].{20,}\.$' "$ROOT/Sources" --include='*.swift' | sed 's|^ */*||' | sort -u | head -n 500 >"$texts"
fi
tools="$ROOT/.build/benchmarks"
make --no-print-directory -C "$ROOT/Benchmarks/native" OUT="$tools" "$tools/embedding" >/dev/null
"$tools/embedding" "$ROOT/.build/release/libLocalEmbedding.so" local \
    "{\"embeddingModel\":\"$CACHE/model\",\"embeddingThreads\":1}" <"$texts"
