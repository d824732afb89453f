# shellcheck shell=bash
# Shared by the scripts: where things are, and how progress and errors are shown. To be sourced by bash.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
CACHE="$ROOT/.cache"
export VMCP_STARTED_AT="${VMCP_STARTED_AT:-$(date +%s)}"

# Prints a stage of the work with the seconds since `make`, or the script, was called.
stage() {
    printf '==> [%4d s] %s\n' "$(($(date +%s) - VMCP_STARTED_AT))" "$*" >&2
}

# Ends the script with what went wrong and what to do about it.
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The environment that programs and tests run in: uvx on PATH, and the Pythons of the tests.
project_environment() {
    if ! command -v uvx >/dev/null && [ -x "$CACHE/uv/bin/uvx" ]; then
        export PATH="$CACHE/uv/bin:$PATH"
    fi
    export VMCP_TEST_PYTHON="$CACHE/python/bin/python"
    export VMCP_TEST_PYTHON1="$CACHE/python1/bin/python"
    export VMCP_TEST_PYTHON_OAUTH="$CACHE/oauth/bin/python"
    export VMCP_TEST_MODEL="$CACHE/model"
    export VMCP_TEST_PYTHON_AWS="$CACHE/aws/bin/python"
}

# Fetches the programs of the quickstart from PyPI, with progress, so that starting them later takes a moment and no
# network.
fetch_quickstart_servers() {
    local package
    for package in $(sed -n 's|^ *image: uvx://||p' "$ROOT/examples/quickstart/resources.yaml"); do
        stage "Fetching $package from PyPI"
        uvx "$package" --help >/dev/null || die "$package could not be fetched or started; uvx said why above"
    done
}
