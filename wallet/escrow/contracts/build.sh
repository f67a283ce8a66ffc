#!/bin/sh
# Compiles the contracts with npm's solc 0.8.25 in a directory of its own; "build.sh --check" compares instead of writing.
set -eu
cd "$(dirname "$0")/../../.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
npm install --silent --no-audit --no-fund --prefix "$tools" solc@0.8.25
NODE_PATH="$tools/node_modules" node wallet/escrow/contracts/build.js "$@" \
	wallet/escrow/contracts/BttEscrow.sol wallet/tron/testnode/contracts/TestBTT.sol
