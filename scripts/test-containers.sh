#!/usr/bin/env bash
# Tests containers with a real podman of its own: its images, containers and socket are in a folder that goes with it.
# A machine that cannot run containers says so, and nothing fails. Arguments go to `swift test`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
project_environment

FOLDER="$(mktemp -d "${TMPDIR:-/tmp}/vmcp-containers-XXXXXX")"
SERVICE=""

finish() {
    [ -z "$SERVICE" ] || kill "$SERVICE" 2>/dev/null || true
    engine rm --all --force --time 0 >/dev/null 2>&1 || true
    engine rmi --all --force >/dev/null 2>&1 || true
    umount "$FOLDER/storage/overlay" 2>/dev/null || true
    rm -rf "$FOLDER" 2>/dev/null || true
}

engine() { timeout 60 podman --root "$FOLDER/storage" --runroot "$FOLDER/run" "$@"; }

# Ends well: the tests of containers need a machine that can run them.
leave_out() {
    stage "This machine cannot run containers ($1); their tests are left out"
    [ ! -f "$FOLDER/log" ] || tail -n 5 "$FOLDER/log" >&2
    exit 0
}

trap finish EXIT
command -v podman >/dev/null || leave_out "there is no podman"

# runc and these limits: crun needs a unified cgroup hierarchy, and raising a limit needs CAP_SYS_RESOURCE.
cat >"$FOLDER/containers.conf" <<'CONF'
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=8192:8192"]
CONF
export CONTAINERS_CONF="$FOLDER/containers.conf"

stage "Making the image of the tests"
gcc -static -Os -Wall -Wextra -o "$FOLDER/server" "$ROOT/Tests/EndToEndTests/Fixtures/containers/server.c"
mkdir "$FOLDER/image" "$FOLDER/image/volume" "$FOLDER/image/tmp"
cp "$FOLDER/server" "$FOLDER/image/server"
tar -C "$FOLDER/image" -cf "$FOLDER/image.tar" .
export VMCP_TEST_CONTAINER_IMAGE="localhost/vmcp-test-server:1"
engine import --change 'ENTRYPOINT ["/server"]' "$FOLDER/image.tar" "$VMCP_TEST_CONTAINER_IMAGE" \
    >"$FOLDER/log" 2>&1 || leave_out "podman takes no image"
engine run --rm --network none "$VMCP_TEST_CONTAINER_IMAGE" </dev/null >"$FOLDER/log" 2>&1 ||
    leave_out "a container does not start"
engine run --rm --publish 127.0.0.1::8080 "$VMCP_TEST_CONTAINER_IMAGE" </dev/null >"$FOLDER/log" 2>&1 ||
    leave_out "a container gets no network"

stage "Starting podman's service"
export DOCKER_HOST="unix://$FOLDER/podman.sock"
podman --root "$FOLDER/storage" --runroot "$FOLDER/run" system service --time 0 "$DOCKER_HOST" >"$FOLDER/log" 2>&1 &
SERVICE=$!
for _ in $(seq 100); do
    [ -S "$FOLDER/podman.sock" ] && break
    sleep 0.1
done
[ -S "$FOLDER/podman.sock" ] || leave_out "podman's service does not start"

if [ "${VMCP_SKIP_BUILD:-}" != 1 ]; then
    stage "Building vmcp and its tests"
    swift build --package-path "$ROOT" --build-tests
    "$ROOT/scripts/stage-plugins.sh" debug
fi
stage "Running the tests of containers"
swift test --package-path "$ROOT" --skip-build --no-parallel --filter "EndToEndTests.*ContainerTests" "$@" </dev/null |
    tee "$FOLDER/tests"
grep -qE "Test run with [1-9]" "$FOLDER/tests" || {
    echo "expected the tests of containers to run, none was found: build them with swift build --build-tests" >&2
    exit 1
}
stage "Tests of containers passed"
