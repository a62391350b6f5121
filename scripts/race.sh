#!/bin/sh
# race.sh [COMMAND...]: runs every test with the race detector, as `COMMAND... go test -json -race ./...`.
#
# The detector needs a C compiler. If there is none, root installs it; anybody else gets the tests without it,
# and a line that says so.
set -eu
cd "$(dirname "$0")/.."

compiles() { echo '#include <stdlib.h>' | ${CC:-gcc} -x c -c -o /dev/null - 2>/dev/null; }

race='env CGO_ENABLED=1 go test -json -race'
if ! compiles && ! { sh scripts/install.sh gcc libc6-dev && compiles; }; then
	echo "No C compiler here, and only root can install one: the tests run WITHOUT the race detector."
	race='go test -json'
fi
# shellcheck disable=SC2086 # a list of words
exec "$@" $race ./...
