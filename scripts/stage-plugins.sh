#!/usr/bin/env bash
# Puts the manifests of the tree's own plugins where `vmcp` looks for them: <products>/plugins/<Name>/plugin.yaml.
# Their libraries lie beside the executable, where the build leaves them; so does `model`, a link to .cache/model.
#
#   scripts/stage-plugins.sh release|debug
set -euo pipefail
. "$(dirname "$0")/lib.sh"

products="$ROOT/.build/${1:-release}"
[ -d "$products" ] || die "$products does not exist. Run 'make build' first"

for manifest in "$ROOT"/Plugins/*/plugin.yaml; do
    [ -e "$manifest" ] || continue
    name="$(basename "$(dirname "$manifest")")"
    [ -e "$products/lib$name.so" ] || die "lib$name.so is not in $products, though $manifest describes it." \
        "Is it a product in Package.swift?"
    install -D -m 0644 "$manifest" "$products/plugins/$name/plugin.yaml"
done

# Where the plugin for local embeddings looks; `make model` fills it.
ln -sfn "$CACHE/model" "$products/model"
