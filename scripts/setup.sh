#!/usr/bin/env bash
# Brings what the project needs and this machine lacks. What is present is not touched; a second run only looks.
#
#   scripts/setup.sh build   what compiling needs
#   scripts/setup.sh run     and what the quickstart needs: uvx, the Python of its server and client
#   scripts/setup.sh test    and what the tests need: a second Python SDK, rustc
#   scripts/setup.sh containers   and what the tests of containers need: podman, runc, docker, a registry
#   scripts/setup.sh model   what `make model` needs: Python
#   scripts/setup.sh bench   what compiling and the benchmarks need: nginx, valgrind
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PURPOSE="${1:-build}"
SWIFT_NEEDED="6.3"
UV_VERSION="0.13.9"

# Two versions, the smaller first, are in order.
in_order() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

check_swift() {
    local found
    found="$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)" || true
    [ -n "$found" ] || die "swift does not run: $(swift --version 2>&1 | tail -n 1). Swift $SWIFT_NEEDED or newer is needed"
    in_order "$SWIFT_NEEDED" "$found" || die "Swift $SWIFT_NEEDED or newer is needed, found $found" \
        "at $(command -v swift). Install a newer one: https://www.swift.org/install/linux/"
}

# What the toolchain itself loads, where its archive was unpacked and nothing else was done.
# https://www.swift.org/install/linux/tarball/ has the list.
toolchain_packages() {
    local package
    swift --version >/dev/null 2>&1 && return
    for package in libncurses6 libxml2 libedit2 libsqlite3-0 libcurl4 zlib1g tzdata; do
        installed "$package" || echo "$package"
    done
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Debian packages that are missing. Libraries are asked of dpkg, programs by name: one built from source will do.
missing_packages() {
    local package
    if [ "$PURPOSE" = model ]; then
        missing_python
        return
    fi
    for package in libcurl4-openssl-dev libffi-dev libsqlite3-dev ca-certificates; do
        installed "$package" || echo "$package"
    done
    toolchain_packages
    command -v gcc >/dev/null || echo gcc
    command -v pkg-config >/dev/null || echo pkg-config
    command -v git >/dev/null || echo git
    compgen -G '/usr/include/c++/*/string' >/dev/null || echo g++
    [ "$PURPOSE" = build ] && return
    command -v python3 >/dev/null || echo python3
    if [ "$PURPOSE" = bench ]; then
        command -v nginx >/dev/null || echo nginx-light
        command -v openssl >/dev/null || echo openssl
        command -v valgrind >/dev/null || echo valgrind
        return
    fi
    missing_python
    [ "$PURPOSE" = run ] && return
    if [ "$PURPOSE" = containers ]; then
        command -v podman >/dev/null || echo podman
        command -v runc >/dev/null || [ -x /usr/sbin/runc ] || echo runc
        command -v docker-registry >/dev/null || echo docker-registry
        # Its package starts docker as a service where there is systemd, which nobody has asked for.
        if ! command -v dockerd >/dev/null && [ ! -d /run/systemd/system ]; then
            echo docker.io
            command -v ip >/dev/null || echo iproute2
        fi
    fi
    command -v openssl >/dev/null || echo openssl
    rustc --version >/dev/null 2>&1 || echo rustc
}

missing_python() {
    command -v python3 >/dev/null || echo python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
}

install_packages() {
    local missing sudo=()
    command -v dpkg-query >/dev/null || die "this set-up knows Debian and its relatives only (no dpkg here). Install by hand:" \
        "a C and C++ compiler, pkg-config, git, and the headers of libcurl, libffi and SQLite"
    mapfile -t missing < <(missing_packages)
    [ "${#missing[@]}" -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "missing Debian packages, and neither root nor sudo to install them." \
            "Run as root: apt-get install ${missing[*]}"
        sudo=(sudo)
        # Without a terminal nobody can type a password: fail at once instead of waiting.
        [ -t 0 ] || sudo=(sudo -n)
    fi
    stage "Installing Debian packages: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    # The run level keeps Debian from starting nginx as a service: the benchmarks start their own.
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null
}

# A virtual environment with exactly what a requirements file lists, made again when the file changes.
python_environment() {
    local directory="$CACHE/$1" requirements="$2"
    local stamp="$directory/requirements.installed"
    [ -x "$directory/bin/python" ] && cmp -s "$requirements" "$stamp" && return
    stage "Installing Python packages of ${requirements#"$ROOT/"} into ${directory#"$ROOT/"}"
    rm -rf "$directory"
    python3 -m venv "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$stamp"
}

# uvx runs Python programs from PyPI; ours is used only where the machine has none.
uv_environment() {
    command -v uvx >/dev/null && return
    mkdir -p "$CACHE"
    printf 'uv==%s\n' "$UV_VERSION" >"$CACHE/uv.txt"
    python_environment uv "$CACHE/uv.txt"
}

case "$PURPOSE" in
    build | run | test | containers | bench | model) ;;
    *) die "setup.sh takes build, run, test, containers, bench or model, not '$PURPOSE'" ;;
esac
if [ "$PURPOSE" = model ]; then
    install_packages
    exit 0
fi
command -v swift >/dev/null || die "no swift on PATH. Swift $SWIFT_NEEDED or newer is needed:" \
    "https://www.swift.org/install/linux/ (then open a new shell, or add its usr/bin to PATH)"
install_packages
check_swift
case "$PURPOSE" in build | bench) exit 0 ;; esac
uv_environment
python_environment python "$ROOT/examples/quickstart/requirements.txt"
[ "$PURPOSE" = run ] && exit 0
python_environment python1 "$ROOT/Tests/EndToEndTests/Fixtures/requirements-sdk1.txt"
python_environment oauth "$ROOT/Tests/EndToEndTests/Fixtures/requirements-oauth.txt"
python_environment aws "$ROOT/Tests/EndToEndTests/Fixtures/requirements-aws.txt"
