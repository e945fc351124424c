# The commands of the project. CI calls the same ones. `make` alone lists them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help deps build run test lint bench bench-api bench-fill bench-s3 crash-test power-cut-test schemathesis acceptance \
  matchspec-test sign-test nginx-test caddy-test s3-test s3-end-to-end s3-large s3-faults s3-redirect s3-differences s3-transfer tsan-test clean

# Set these on the command line, e.g. `make run PORT=8001`; the environment does not change them.
HOST = 127.0.0.1
PORT = 8000
DEMO = demo
CRASH_ROUNDS = 10
SERVER = .build/debug/quetz
SHARED = ../shared
ARGS =
S3_SERVERS = seaweedfs swift
S3_SERVER = seaweedfs
TEST_ARGS =
SIGN_COUNT = 10000
DEPLOYMENT = demo
CHANNEL = bench
RECORDS = 10000

# A target that imports what it does not declare is an error.
IMPORT_CHECK = --explicit-target-dependency-import-check error
# With CI set, Package.swift makes warnings in our own targets errors.
CHECKED = CI=1
# How many tests run at a time: each of the server's has a server of its own, and they wait more than they compute.
TESTS_AT_A_TIME = 24
TEST = SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TESTS_AT_A_TIME) swift test

help: ## List the commands.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install what is missing (apt packages); costs under a second when nothing is.
	@scripts/deps

build: deps ## Build the release executables: .build/release/quetz and quetz-client.
	swift build -c release

run: build ## Create a demo deployment and serve it (HOST, PORT, DEMO).
	@HOST='$(HOST)' PORT='$(PORT)' DEMO='$(DEMO)' scripts/demo

test: deps ## Build everything with warnings as errors and run all tests (TEST_ARGS='--filter Name').
	$(CHECKED) swift build --build-tests $(IMPORT_CHECK)
	$(CHECKED) $(TEST) --skip-build --disable-xctest --parallel $(IMPORT_CHECK) $(TEST_ARGS)

s3-test: deps ## Run the store's contract on real S3 servers (S3_SERVERS='seaweedfs swift minio rclone ceph').
	$(CHECKED) swift build --build-tests $(IMPORT_CHECK)
	Tests/S3/conformance $(SHARED)/s3/serve $(S3_SERVERS)

lint: ## Check format, file sizes and what is tracked.
	@scripts/lint

bench: build ## Reads beside nginx, then uploads, freshness and a full build (ARGS='--peers': the original server, index_fs).
	python3 Benchmarks/read_side.py --server .build/release/quetz $(ARGS)
	python3 Benchmarks/write_side.py --server .build/release/quetz $(ARGS)

bench-fill: build ## Fill a stopped deployment: DEPLOYMENT=DIR CHANNEL=NAME RECORDS=N; makes the channel if need be.
	.build/release/quetz bench-fill '$(DEPLOYMENT)' '$(CHANNEL)' --records '$(RECORDS)'

bench-s3: ## Our store against boto3 and rclone on one S3 server (S3_SERVER names it).
	Benchmarks/S3/run $(SHARED)/s3/serve $(S3_SERVER)

bench-api: build ## GET /api/channels and package search beside upstream's server (PyPI; needs wrk).
	python3 Benchmarks/api/api_side.py --server .build/release/quetz $(ARGS)

crash-test: deps ## Kill a busy server CRASH_ROUNDS times and look for what is lost (SERVER names a binary).
ifneq ($(origin SERVER),command line)
	$(CHECKED) swift build --product quetz $(IMPORT_CHECK)
endif
	python3 Tests/CrashTest/crash_test.py --rounds $(CRASH_ROUNDS) --server $(SERVER)

power-cut-test: build ## Cut the power of file systems in images under a busy server (root; mkfs.ext4, mkfs.xfs, mkfs.btrfs; ARGS='--rounds 2').
	python3 Tests/CrashTest/power_cut_test.py --server .build/release/quetz $(ARGS)

acceptance: build ## Upload and install real packages with real clients (SHARED has both; ARGS='installs' names one check).
	python3 Tests/Acceptance/acceptance.py --server .build/release/quetz --client .build/release/quetz-client \
	  --shared $(SHARED) $(ARGS)

matchspec-test: deps ## Compare MatchSpec with py-rattler on 50,000 random pairs (ARGS='--seed 1 --pairs 1000').
	$(CHECKED) swift build --product matchspec-driver $(IMPORT_CHECK)
	python3 Tests/MatchSpecTest/matchspec_test.py --driver .build/debug/matchspec-driver $(ARGS)

sign-test: deps ## Sign SIGN_COUNT random requests and compare with botocore (PyPI; kept in .build-venv).
	$(CHECKED) swift build --product sign-requests $(IMPORT_CHECK)
	test -x .build-venv/bin/python || python3 -m venv .build-venv
	.build-venv/bin/pip install --quiet --disable-pip-version-check -r Tests/SigningTest/requirements.txt
	.build-venv/bin/python Tests/SigningTest/sign_test.py --program .build/debug/sign-requests --count $(SIGN_COUNT)

nginx-test: deps ## Send packages through a real nginx with docker/nginx*.conf (Debian's nginx; SERVER names a binary).
ifneq ($(origin SERVER),command line)
	$(CHECKED) swift build --product quetz $(IMPORT_CHECK)
endif
	python3 Tests/ReverseProxy/proxy_test.py --proxy nginx --server $(SERVER)
	python3 Tests/ReverseProxy/secure_link_test.py --server $(SERVER)

caddy-test: deps ## Send packages through a real Caddy with docker/Caddyfile (Debian's caddy; SERVER names a binary).
ifneq ($(origin SERVER),command line)
	$(CHECKED) swift build --product quetz $(IMPORT_CHECK)
endif
	python3 Tests/ReverseProxy/proxy_test.py --proxy caddy --server $(SERVER)

# What the S3 scripts have in common; S3 names servers of $(SHARED)/s3.
S3 = seaweedfs
S3_SCRIPT = --server $(SERVER) --shared $(SHARED) $(ARGS)

s3-end-to-end: deps ## Check a deployment on real S3 servers (S3='seaweedfs,swift,minio'; SERVER names a binary).
ifneq ($(origin SERVER),command line)
	$(CHECKED) swift build --product quetz $(IMPORT_CHECK)
endif
	python3 Tests/S3/end_to_end.py --s3 $(S3) $(S3_SCRIPT)

s3-large: build ## A package of 4 GiB up and down through S3, and killed midway.
	python3 Tests/S3/large.py --s3 $(S3) $(S3_SCRIPT) --server .build/release/quetz

s3-faults: build ## 2,000 uploads and downloads while the S3 server dies, freezes and stutters.
	python3 Tests/S3/faults.py --s3 $(S3) $(S3_SCRIPT) --server .build/release/quetz

s3-redirect: build ## rattler installs from a private channel through the redirect, logged in in each way (S3='seaweedfs,swift,minio').
	python3 Tests/S3/redirect.py --s3 $(S3) $(S3_SCRIPT) --server .build/release/quetz

s3-differences: ## Print what S3 servers do differently (S3='seaweedfs,swift,minio,rclone,ceph').
	python3 Tests/S3/differences.py --s3 $(S3) --shared $(SHARED)

s3-transfer: build ## Move 2,000 packages local, seaweedfs, minio, local; killed and resumed.
	python3 Tests/S3/transfer.py $(S3_SCRIPT) --server .build/release/quetz

schemathesis: deps ## Generated requests against /openapi.json, with and without a key (SERVER names a binary).
ifneq ($(origin SERVER),command line)
	$(CHECKED) swift build --product quetz $(IMPORT_CHECK)
endif
	python3 Tests/OpenAPI/schemathesis_test.py --server $(SERVER) $(ARGS)

tsan-test: TESTS_AT_A_TIME = 8
tsan-test: deps ## Run all tests under the thread sanitizer; builds in .build-tsan.
	TSAN_OPTIONS='suppressions=$(CURDIR)/Tests/tsan.supp' $(CHECKED) $(TEST) --sanitize=thread --scratch-path .build-tsan --disable-xctest --parallel $(TEST_ARGS)

clean: ## Remove what was built. The demo deployment stays.
	rm -rf .build .build-*
