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
  . "$(dirname "$0")/steps.sh"
  # The mirror, or the proxy in front of it, must answer: apt itself would try for minutes.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -m1 '^http' || true)
  proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy 2>/dev/null | head -1)
  address=${proxy:-${http_proxy:-$mirror}}
  if [[ "$address" =~ ^(https?)://([^/@]*@)?([^/:]+)(:([0-9]+))? ]]; then
    host=${BASH_REMATCH[3]}
    port=${BASH_REMATCH[5]}
    [ -n "$port" ] || { [ "${BASH_REMATCH[1]}" = https ] && port=443 || port=80; }
    if ! timeout 6 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null; then
      echo "cannot reach the Debian mirror $mirror (tried $host port $port): not installed: ${missing[*]}"
      echo "check the network or /etc/apt/sources.list, or install them later: apt-get install -y ${missing[*]}"
      exit 0
    fi
  fi
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
  install_or_update() {
    install || { apt-get -o Acquire::http::Timeout=15 -o Acquire::Retries=1 update -qq && install; } || {
      tail -5 "$log"
      return 1
    }
  }
  step "installing system packages: ${missing[*]}" install_or_update || {
    echo "some system packages could not be installed; what needs them will report it"
  }
fi
