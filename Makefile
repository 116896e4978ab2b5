STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     = go run mvdan.cc/gofumpt@v0.12.0
FUZZTIME   ?= 10s
SEEDS      ?= 334
ADDR       ?= 127.0.0.1:4010
SOAKED      = contracttest contracttest/honest internal/mutant internal/proof
# the tests of which the race detector sees a part
SAMPLED     = awk '/^func /{name=""} /^func Test/{name=$$2; sub(/\(.*/,"",name)} name!="" && /sampled\(t\)|skipRaced\(t\)|seeds\(t\)|[^a-z]raced[^a-z]/{print name}' \
	$(addsuffix /*_test.go,$(SOAKED)) | sort -u | paste -sd'|'

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: ## play the invitation API
	go run ./cmd/understudy serve --addr $(ADDR)

test: ## run all tests
	GOGC=400 go test -race -timeout 20m ./...

check: fmt vet test fuzz clean-tree ## what .ci/run does

build: ## build the binary, ./understudy
	go build -o understudy ./cmd/understudy

install: ## install the binary where Go installs
	go install ./cmd/understudy

vet: ## go vet and staticcheck
	go vet ./...
	$(STATICCHECK) ./...

fmt: ## fail if a file is not formatted
	@out=$$($(GOFUMPT) -l .); test -z "$$out" || { echo "not formatted: $$out"; exit 1; }

format: ## format all files
	$(GOFUMPT) -w .

generate: ## write the pages that are generated
	go run ./cmd/understudy rules --reference > docs/rules.md
	go run ./cmd/understudy init --schema > docs/understudy.schema.json
	go run ./cmd/understudy prove --min 100 --report markdown=docs/mutants.md > /dev/null

clean-tree: generate ## fail if generating or tidying changes a file
	go mod tidy
	@test -z "$$(git status --porcelain)" || { git status --porcelain; git diff | head -50; exit 1; }

fuzz: ## fuzz each target for FUZZTIME (10s)
	@grep -rHoE '^func Fuzz\w+' --include='*_test.go' . | sed -E 's|/[^/]*:func| |' | sort | while read -r pkg target; do \
		echo "fuzz $$pkg $$target"; \
		fuzz() { go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg </dev/null; }; \
		fuzz || { echo "once more: what failed was kept and fails again, but for the end of the time itself"; fuzz; } || exit 1; \
	done

bench: ## start-up and memory; speed beside a bare server and a bare client that send the same bytes, as ratios
	go test -run '^$$' -bench . -benchtime 2s ./mockserver ./contracttest

contract: ## check the server at BASE_URL, with TOKEN, against openapi.yaml; FLAGS=--allow-writes for more
	@test -n "$(BASE_URL)" || { echo "make contract BASE_URL=http://localhost:9000/api/v3 TOKEN=…"; exit 2; }
	@UNDERSTUDY_TOKEN='$(TOKEN)' go run ./cmd/understudy check --base-url '$(BASE_URL)' $(FLAGS) openapi.yaml

soak: ## check SEEDS (334) servers that keep their contract of each of three styles: nothing may be found; and run whole what `make test` runs a part of
	GOGC=400 UNDERSTUDY_SEEDS=$(SEEDS) go test -count=1 -timeout 2h -run "^($$($(SAMPLED)))$$" $(addprefix ./,$(SOAKED))

authentik: ## check the mock that plays authentik's whole documents, if they are in ../shared/specs
	UNDERSTUDY_AUTHENTIK=1 go test -count=1 -timeout 30m -run TestMockKeepsAuthentik -v ./contracttest

corpus: ## play and judge all documents in ../shared/specs, if they are there
	@test -d ../shared/specs || { echo "no documents in ../shared/specs"; exit 0; }; \
	go run ./cmd/understudy audit ../shared/specs/*.yml ../shared/specs/corpus/*

prove-authentik: ## play authentik's whole document broken in every way, if it is in ../shared/specs, and write docs/mutants-authentik.md
	@test -d ../shared/specs || { echo "no documents in ../shared/specs"; exit 0; }; \
	go run ./cmd/understudy prove --places 1 --report markdown=docs/mutants-authentik.md ../shared/specs/authentik-2024.8.2.yml

million: ## a million invitations: start-up, memory, a deep page, a filtered one
	UNDERSTUDY_MILLION=1 go test -count=1 -run TestMillion -v -timeout 10m ./mockserver

.PHONY: help run test check build install vet fmt format generate clean-tree fuzz bench contract soak authentik corpus prove-authentik million
