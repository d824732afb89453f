#!/usr/bin/env bash
# Release build: .build/release/vmcp with its plugin libraries beside it and their manifests in plugins/.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stage "Building vmcp (release; the first time takes several minutes)"
swift build --package-path "$ROOT" -c release
"$ROOT/scripts/stage-plugins.sh" release
stage "Built .build/release/vmcp"
