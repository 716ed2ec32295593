#!/usr/bin/env bash
# Installs system packages that are missing (as root; else prints the line to run). Quick where all are there.
# Usage: system-packages.sh PACKAGE...
set -euo pipefail

missing=()
for package in "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if ! command -v apt-get >/dev/null; then
  echo "please install: ${missing[*]}"
elif [ "$(id -u)" != 0 ]; then
  echo "some system packages are missing; install them with: sudo apt-get install -y ${missing[*]}"
else
  echo "installing system packages: ${missing[*]}"
  log=$(mktemp)
  # Tests that run side by side may each want some.
  exec 9> /tmp/.sipcap-apt.lock
  flock 9
  # No package may start a service of its own while it is installed.
  policy=/usr/sbin/policy-rc.d
  made=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    made=$policy
  fi
  trap 'rm -f "$log" $made' EXIT
  install() {
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -o Acquire::http::Timeout=15 -o Acquire::Retries=1 install -y -qq --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
  }
  install || { apt-get -o Acquire::http::Timeout=15 -o Acquire::Retries=1 update -qq && install; } || {
    tail -5 "$log"
    echo "some system packages could not be installed; what needs them will report it"
  }
fi
