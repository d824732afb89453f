# Every command of the project. `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Swift sources that are ours. The formatter skips hidden folders, such as .build.
SWIFT_SOURCES := $(wildcard Sources Plugins Tests Benchmarks examples) Package.swift

export VMCP_STARTED_AT := $(shell date +%s)

.PHONY: help setup run test test-failed test-containers test-sanitized build lint format bench bench-compare bench-changes bench-described bench-micro bench-retrieval bench-instructions bench-embedding bench-faults soak examples model clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build, then serve examples/quickstart at http://127.0.0.1:4483/mcp (Ctrl-C ends it)
	@scripts/setup.sh run
	@scripts/build.sh
	@exec examples/quickstart/run.sh $(ARGS)

test: ## Build and run all tests
	@scripts/setup.sh test
	@scripts/test.sh $(ARGS)

test-failed: ## Run again the tests that failed in the last run
	@scripts/test-failed.sh

test-containers: ## Test containers with a podman and a docker of the tests' own; names and leaves out what cannot run
	@scripts/setup.sh containers
	@scripts/test-containers.sh $(ARGS)

test-sanitized: ## Test described libraries under AddressSanitizer, with 100,000 fuzzed descriptions and arguments
	@scripts/setup.sh test
	@scripts/test-sanitized.sh $(ARGS)

build: ## Build .build/release/vmcp with its plugins beside it
	@scripts/setup.sh build
	@scripts/build.sh

model: ## Fetch the embedding model into .cache/model; ARGS="--to DIR" puts it somewhere else
	@scripts/model.sh $(ARGS)

examples: ## Build the template plugins in C, Rust and Swift
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory -C examples/plugins all swift

lint: ## Check the format of all Swift sources
	@scripts/setup.sh build
	@swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	@echo "lint: clean"

format: ## Format all Swift sources in place
	@scripts/setup.sh build
	@swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

bench: ## Measure the gateway beside nginx; ARGS="--cases call-64" measures one case, ARGS=--help explains
	@scripts/setup.sh bench
	@scripts/build.sh
	@python3 Benchmarks/bench.py run $(ARGS)

bench-compare: ## Compare two runs of bench: make bench-compare A=old.json B=new.json
	@python3 Benchmarks/bench.py compare $(A) $(B)

bench-changes: ## Measure the time from a backend's change notice to every client's; ARGS="--sessions 1000 --listens 1000"
	@scripts/build.sh
	@python3 Benchmarks/changes.py $(ARGS)

bench-described: ## Measure what a call of a described library costs beside a direct one
	@scripts/build.sh
	@Benchmarks/Described/run.sh

bench-micro: ## Time the parts of a call one by one; ARGS="--filter 'call.*'" times some
	@scripts/setup.sh bench
	@Benchmarks/Micro/run.sh $(ARGS)

bench-retrieval: ## Measure how well find_tool finds: DATA=FOLDER of the tool-retrieval benchmark; ARGS=--help explains
	@scripts/build.sh
	@Benchmarks/Retrieval/run.sh "$(or $(DATA),../shared/bench/tool-retrieval)" $(ARGS)

bench-instructions: ## Count the instructions of one call with callgrind
	@scripts/setup.sh bench
	@scripts/build.sh
	@python3 Benchmarks/bench.py instructions $(ARGS)

bench-embedding: ## Measure the local embedding model with one thread; ARGS="FILE" takes your texts, one a line
	@scripts/model.sh
	@scripts/build.sh
	@Benchmarks/embedding.sh $(ARGS)

bench-faults: ## Measure what clients of one backend notice of the faults of another; ARGS="--faults killed,silent"
	@scripts/build.sh
	@python3 Benchmarks/faults.py $(ARGS)

soak: ## Run for an hour with faults, exits and reloads, and show what is held then; ARGS="--minutes 3"
	@scripts/build.sh
	@python3 Benchmarks/soak.py $(ARGS)

setup: ## Install what is missing, without building
	@scripts/setup.sh test

clean: ## Remove build products (.build) and fetched tools (.cache)
	rm -rf .build .cache examples/plugins/*/.build
