#!/bin/sh
# Runs the installed node in a root folder as its unit would: the user sipcap, CAP_NET_RAW alone, everything read-only but
# its own folders. In mount and network namespaces of its own. Usage: confined.sh ROOT COMMAND...
set -e
root=$1
shift
ip link set lo up
mount --make-rprivate /
mount --bind "$root" "$root"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
install -d -m 0770 -o "$(chroot "$root" id -u sipcap)" -g "$(chroot "$root" id -g sipcap)" "$root/run/sipcap"
for folder in var/lib/sipcap var/spool/sipcap run/sipcap; do mount --bind "$root/$folder" "$root/$folder"; done
mount -o remount,bind,ro "$root"
mount -t tmpfs tmpfs "$root/tmp"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/var/lib/sipcap chroot "$root" setpriv --reuid sipcap --regid sipcap --clear-groups --no-new-privs --bounding-set -all,+net_raw \
  --inh-caps -all,+net_raw --ambient-caps -all,+net_raw sh -c 'umask 027; cd /var/lib/sipcap; exec "$@"' sh "$@"
