#!/bin/sh
# Imports the captures of a folder into a database; for cron. Usage: import-folder.sh FOLDER DB_URL
# Run again it stores nothing twice. Files are read in the order in which they were written, each behind the one before it:
# a message may begin in one file of a rotated set and end in the next. Those read without a fault are listed in
# .sipcap.imported with size and time, and read again only as the one before, or when they changed. A lock keeps two runs apart.
folder=$1
SIPCAP_DB=$2
export SIPCAP_DB
exec 9> "$folder/.sipcap.lock"
flock -n 9 || exit 0
list="$folder/.sipcap.imported"
[ -e "$list" ] || : > "$list"
status=0
previous=
names=$(ls -tr "$folder" | grep -E '\.(pcap|pcap\.gz|pcapng)$')
while IFS= read -r name; do
  file="$folder/$name"
  [ -f "$file" ] || continue
  state="$(stat -c '%s %Y' "$file") $(printf '%s' "$SIPCAP_DB" | cksum | cut -d ' ' -f 1) $name"
  if ! grep -Fxq -e "$state" "$list"; then
    sipcap capture mirror -r ${previous:+"$previous"} "$file" --quarantine "$folder/refused.ndjson" --summary json < /dev/null 2>> "$folder/import.log" || {
      code=$?
      echo "$file: exit code $code (see $folder/import.log)" >&2
      # 3: partly unreadable, what could be read is stored. 4: the database is away, the next run goes on.
      case $code in 2 | 4) exit $code ;; esac
      status=$code
      continue
    }
    printf '%s\n' "$state" >> "$list"
  fi
  previous=$file
done <<NAMES
$names
NAMES
exit $status
