#!/bin/bash
# Runs a line of the documentation in a network namespace whose interfaces are ours, with folders of ours in place of the
# system's. Called through `ip netns exec`, which gives it mounts of its own. Usage: sandbox.sh FOLDER LINE
set -e
folder=$1
for place in etc run var/spool var/lib; do mount --bind "$folder/$place" "/$place"; done
cd "$folder/work"
export PATH=$folder/bin:$PATH MANPATH=$folder/man HOME=$folder/work
exec bash -c "set -o pipefail; $2"
