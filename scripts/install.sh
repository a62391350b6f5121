#!/bin/sh
# install.sh PACKAGE...: installs Debian packages, as root; fails for anybody else.
set -eu
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 1
echo "Installing $* with apt."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ apt-get -qq update && apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=120 install "$@"; } \
	>"$log" 2>&1 </dev/null || { tail -n 15 "$log" >&2; exit 1; }
