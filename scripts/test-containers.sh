#!/usr/bin/env bash
# Tests containers with engines of its own, podman and docker: their images, containers and sockets are in a folder that
# goes with them, docker's network in a network namespace that does. What this machine cannot run is named and left out,
# and nothing fails. Arguments go to `swift test`.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
project_environment

# The second call of this script, inside a network namespace, has the folder of the first.
FOLDER="${VMCP_CONTAINERS_FOLDER:-$(mktemp -d "${TMPDIR:-/tmp}/vmcp-containers-XXXXXX")}"
ROUND="${VMCP_CONTAINERS_ROUND:-podman}"
PROCESSES=()

engine() { timeout 120 podman --root "$FOLDER/storage" --runroot "$FOLDER/run" "$@"; }

end_processes() {
    local process
    for process in "${PROCESSES[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    PROCESSES=()
}

finish() {
    end_processes
    if [ "$ROUND" = podman ]; then
        engine rm --all --force --time 0 >/dev/null 2>&1 || true
        engine rmi --all --force >/dev/null 2>&1 || true
        umount "$FOLDER/storage/overlay" 2>/dev/null || true
        umount "$FOLDER/full/storage/overlay" "$FOLDER/full" 2>/dev/null || true
        rm -rf "$FOLDER" 2>/dev/null || true
    else
        umount "$FOLDER"/docker/run/netns/* 2>/dev/null || true
    fi
}

leave_out() {
    stage "Left out: $1"
    [ ! -f "$FOLDER/log" ] || tail -n 5 "$FOLDER/log" >&2
}

# Waits for a socket or a port of 127.0.0.1.
await() {
    local try
    for try in $(seq 150); do
        case "$1" in
            /*) [ -S "$1" ] && return ;;
            *) (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return ;;
        esac
        sleep 0.1
    done
    return 1
}

# A registry that asks for a name and a password, on a free port; the second round has the first one's images.
start_registry() {
    command -v docker-registry >/dev/null || { leave_out "pulls, for there is no docker-registry" && return 1; }
    [ -f "$FOLDER/port" ] ||
        python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$FOLDER/port"
    REGISTRY="127.0.0.1:$(cat "$FOLDER/port")"
    # bcrypt of "word", which is no secret.
    echo 'user:$2y$05$mGCHOQpRsZ6XhkVGSBte8uwjOhzte2W.w1vQpMLOjQoDpIw.9150C' >"$FOLDER/htpasswd"
    cat >"$FOLDER/registry.yml" <<CONF
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: "$FOLDER/registry"}}
http: {addr: "$REGISTRY"}
auth: {htpasswd: {realm: test, path: "$FOLDER/htpasswd"}}
CONF
    docker-registry serve "$FOLDER/registry.yml" >"$FOLDER/registry.log" 2>&1 &
    PROCESSES+=($!)
    await "${REGISTRY#*:}" || { leave_out "pulls, for the registry does not start" && return 1; }
    export VMCP_TEST_CONTAINER_REGISTRY_IMAGE="$REGISTRY/team/server:1"
    VMCP_TEST_CONTAINER_REGISTRY_LOGIN="{\"auths\": {\"$REGISTRY\": {\"auth\": \"$(printf user:word | base64)\"}}}"
    export VMCP_TEST_CONTAINER_REGISTRY_LOGIN
}

# Images without any registry: a static server, the same for another processor, and one with 16 MB beside it.
make_images() {
    stage "Making the images of the tests"
    mkdir -p "$FOLDER/image/volume" "$FOLDER/image/tmp" "$FOLDER/foreign"
    gcc -static -Os -Wall -Wextra -o "$FOLDER/image/server" "$ROOT/Tests/EndToEndTests/Fixtures/containers/server.c"
    tar -C "$FOLDER/image" -cf "$FOLDER/image.tar" .
    # e_machine of the ELF header: a processor that this one is not.
    cp "$FOLDER/image/server" "$FOLDER/foreign/server"
    printf '\xff\x7f' | dd of="$FOLDER/foreign/server" bs=1 seek=18 conv=notrunc status=none
    tar -C "$FOLDER/foreign" -cf "$FOLDER/foreign.tar" .
    head -c 16000000 /dev/urandom >"$FOLDER/image/ballast"
    tar -C "$FOLDER/image" -cf "$FOLDER/large.tar" .
}

# Runs the tests against the engine at DOCKER_HOST.
run_tests() {
    export VMCP_TEST_CONTAINER_IMAGE="localhost/vmcp-test-server:1"
    export VMCP_TEST_CONTAINER_FOREIGN_IMAGE="localhost/vmcp-test-foreign:1"
    stage "Running the tests of containers with $1"
    swift test --package-path "$ROOT" --skip-build --no-parallel --filter "EndToEndTests.*ContainerTests" "${@:2}" </dev/null |
        tee "$FOLDER/tests"
    grep -qE "Test run with [1-9]" "$FOLDER/tests" || {
        echo "expected the tests of containers to run, none was found: build them with swift build --build-tests" >&2
        exit 1
    }
}

podman_round() {
    command -v podman >/dev/null || { leave_out "podman, for it is not installed" && return; }
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
    engine import --change 'ENTRYPOINT ["/server"]' "$FOLDER/image.tar" localhost/vmcp-test-server:1 \
        >"$FOLDER/log" 2>&1 || { leave_out "podman, for it takes no image" && return; }
    engine import --change 'ENTRYPOINT ["/server"]' "$FOLDER/foreign.tar" localhost/vmcp-test-foreign:1 >"$FOLDER/log" 2>&1
    engine run --rm --network none localhost/vmcp-test-server:1 </dev/null >"$FOLDER/log" 2>&1 ||
        { leave_out "podman, for a container does not start" && return; }
    engine run --rm --publish 127.0.0.1::8080 localhost/vmcp-test-server:1 </dev/null >"$FOLDER/log" 2>&1 ||
        { leave_out "podman, for a container gets no network" && return; }

    if start_registry; then
        printf '[[registry]]\nlocation = "%s"\ninsecure = true\n' "$REGISTRY" >"$FOLDER/registries.conf"
        export CONTAINERS_REGISTRIES_CONF="$FOLDER/registries.conf"
        engine tag localhost/vmcp-test-server:1 "$REGISTRY/team/server:1"
        engine push --quiet --creds user:word --digestfile "$FOLDER/digest" "$REGISTRY/team/server:1" >"$FOLDER/log" 2>&1
        engine import --change 'ENTRYPOINT ["/server"]' "$FOLDER/large.tar" "$REGISTRY/team/server:1-large" >"$FOLDER/log" 2>&1
        engine push --quiet --creds user:word "$REGISTRY/team/server:1-large" >"$FOLDER/log" 2>&1
        engine rmi "$REGISTRY/team/server:1-large" >"$FOLDER/log" 2>&1
        VMCP_TEST_CONTAINER_REGISTRY_DIGEST="$(cat "$FOLDER/digest")"
        export VMCP_TEST_CONTAINER_REGISTRY_DIGEST
    fi

    # The same containers at any socket: podman keeps nothing in its service.
    cat >"$FOLDER/engine" <<SCRIPT
#!/bin/sh
exec podman --root "$FOLDER/storage" --runroot "$FOLDER/run" system service --time 0 "unix://\$1"
SCRIPT
    chmod +x "$FOLDER/engine"
    export VMCP_TEST_CONTAINER_ENGINE="$FOLDER/engine"
    stage "Starting podman's service"
    "$FOLDER/engine" "$FOLDER/podman.sock" >"$FOLDER/log" 2>&1 &
    PROCESSES+=($!)
    await "$FOLDER/podman.sock" || { leave_out "podman, for its service does not start" && return; }

    # An engine of whose disk 8 MB are left; what it fetches lies there, too.
    mkdir "$FOLDER/full"
    if mount -t tmpfs -o size=8m tmpfs "$FOLDER/full" 2>"$FOLDER/log"; then
        mkdir "$FOLDER/full/tmp"
        TMPDIR="$FOLDER/full/tmp" podman --root "$FOLDER/full/storage" --runroot "$FOLDER/full/run" system service \
            --time 0 "unix://$FOLDER/full.sock" >"$FOLDER/full.log" 2>&1 &
        PROCESSES+=($!)
        ! await "$FOLDER/full.sock" || export VMCP_TEST_CONTAINER_FULL_ENGINE="unix://$FOLDER/full.sock"
    fi
    DOCKER_HOST="unix://$FOLDER/podman.sock" run_tests podman "$@"
}

docker_round() {
    mkdir -p "$FOLDER/docker"
    ip link set lo up
    dockerd --data-root "$FOLDER/docker/data" --exec-root "$FOLDER/docker/run" --pidfile "$FOLDER/docker/pid" \
        --host "unix://$FOLDER/docker.sock" --storage-driver vfs >"$FOLDER/log" 2>&1 &
    PROCESSES+=($!)
    export DOCKER_HOST="unix://$FOLDER/docker.sock"
    await "$FOLDER/docker.sock" || { leave_out "docker, for its daemon does not start" && return; }
    docker import --change 'ENTRYPOINT ["/server"]' "$FOLDER/image.tar" localhost/vmcp-test-server:1 >"$FOLDER/log2"
    docker import --change 'ENTRYPOINT ["/server"]' "$FOLDER/foreign.tar" localhost/vmcp-test-foreign:1 >"$FOLDER/log2"
    timeout 60 docker run --rm --publish 127.0.0.1::8080 localhost/vmcp-test-server:1 </dev/null >"$FOLDER/log" 2>&1 ||
        { leave_out "docker, for a container does not start" && return; }
    if [ -f "$FOLDER/digest" ] && start_registry; then
        VMCP_TEST_CONTAINER_REGISTRY_DIGEST="$(cat "$FOLDER/digest")"
        export VMCP_TEST_CONTAINER_REGISTRY_DIGEST
    fi
    run_tests docker "$@"
}

trap finish EXIT
if [ "$ROUND" = docker ]; then
    docker_round "$@"
    exit 0
fi
if [ "${VMCP_SKIP_BUILD:-}" != 1 ]; then
    stage "Building vmcp and its tests"
    swift build --package-path "$ROOT" --build-tests
    "$ROOT/scripts/stage-plugins.sh" debug
fi
make_images
podman_round "$@"
end_processes
if ! command -v dockerd >/dev/null; then
    leave_out "docker, for there is no dockerd"
elif ! unshare --net true 2>"$FOLDER/log"; then
    leave_out "docker, for this user may make no network namespace"
else
    env -u VMCP_TEST_CONTAINER_ENGINE -u VMCP_TEST_CONTAINER_FULL_ENGINE -u VMCP_TEST_CONTAINER_REGISTRY_IMAGE \
        VMCP_CONTAINERS_FOLDER="$FOLDER" VMCP_CONTAINERS_ROUND=docker unshare --net "$0" "$@"
fi
stage "Tests of containers passed"
