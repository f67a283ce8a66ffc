# make demo    the main job on loopback: who got what from one seed
# make test    everything that must hold, as the CI runs it
# make check   before every commit
# make help    the rest

# nosqlite: the torrent library brings a second copy of SQLite that does not link
# together with mattn/go-sqlite3.
export GOFLAGS := -tags=nosqlite -trimpath -buildvcs=false
export CGO_ENABLED := 1

GO       ?= go
VERSION  := $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -buildid= -X main.version=$(VERSION)
GOFUMPT  ?= $(GO) run mvdan.cc/gofumpt@v0.12.0
LINT     ?= $(GO) run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
FUZZTIME ?= 30s
BENCHTIME ?= 1s

BUILD_DEPS := gcc g++ pkgconf libgl-dev libegl-dev libx11-dev libxcursor-dev libxrandr-dev libxinerama-dev libxi-dev libxxf86vm-dev libwayland-dev libxkbcommon-dev
WINDOW_DEPS := xvfb xauth libgl1-mesa-dri openbox xdotool xclip x11-utils imagemagick tesseract-ocr
CLIENT_DEPS := aria2 transmission-daemon qbittorrent-nox python3 python3-libtorrent opentracker

# Packages that draw need -tags ci for pictures that do not depend on the fonts of
# the machine; all others run without it.
DRAWN := ./ui/... ./assets/...
PLAIN  = $(shell GOFLAGS='$(GOFLAGS)' $(GO) list ./... | grep -v -e '^swarmbid/ui' -e '^swarmbid/assets')

.PHONY: help all deps build run demo test check e2e fmt vet lint unit race fuzz bench contracts contracts-check clean

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

all: check build

deps: ## install the Debian packages that building, testing and the demo need
	@.ci/deps $(BUILD_DEPS) $(WINDOW_DEPS) $(CLIENT_DEPS)

build: ## build/swarmbid, the same bytes from the same sources
	$(GO) build -ldflags "$(LDFLAGS)" -o build/swarmbid ./app

run: build ## start the program with a scratch data folder
	build/swarmbid -data build/data

demo: deps ## one seed, paying and ordinary clients, measured shares, the window
	$(GO) build -o build/demo ./app/demo
	build/demo

# One package after the other: shares of a rate cannot be measured while another
# package's tests have both cores.
test: deps ## everything that must hold
	$(GO) vet ./...
	.ci/test -timeout 15m -- $(PLAIN)
	.ci/test -tags nosqlite,ci -timeout 10m -- $(DRAWN)

e2e: deps ## use the program under Xvfb as a person does; pictures in build/e2e/pictures
	$(GO) build -ldflags "$(LDFLAGS)" -o build/e2e/swarmbid ./app
	.ci/e2e build/e2e

check: fmt vet lint unit ## what has to pass before a commit

fmt: ## fail if a file is not formatted
	@out="$$($(GOFUMPT) -l app assets bidding engine ui wallet)"; test -z "$$out" || { echo "not formatted:"; echo "$$out"; exit 1; }

vet:
	$(GO) vet ./...

lint:
	$(LINT) run ./...

unit: ## the tests that need no other program
	$(GO) test -short $(PLAIN)
	$(GO) test -short -tags nosqlite,ci $(DRAWN)

race: deps ## the tests that have goroutines, under the race detector
	$(GO) test -race -short -timeout 20m $(PLAIN)

fuzz: ## every fuzz target for FUZZTIME
	@for d in $$(grep -rlE '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$d/*_test.go | cut -c6-); do \
		echo "$$d $$f"; $(GO) test -run='^$$' -fuzz="^$$f$$" -fuzztime=$(FUZZTIME) $$d || exit 1; done; done

bench: deps ## figures beside their rivals'
	$(GO) test -run='^$$' -bench=. -benchtime=$(BENCHTIME) -timeout 60m $(PLAIN)
	$(GO) test -tags nosqlite,ci -run='^$$' -bench=. -benchtime=$(BENCHTIME) $(DRAWN)
	$(GO) build -o build/figures/swarmbid ./app
	$(GO) build -o build/figures/story ./ui/story
	.ci/figures build/figures

contracts: ## compile the Solidity contracts with npm's solc, as they are in the repository
	./wallet/escrow/contracts/build.sh

contracts-check: ## fail if the compiled contracts are not what the sources give
	./wallet/escrow/contracts/build.sh --check

clean: ## remove what was built
	rm -rf build

include windows.mk
