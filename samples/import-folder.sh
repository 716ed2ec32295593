#!/bin/sh
# Imports all captures of a folder into a database; for cron. Usage: import-folder.sh FOLDER DB_URL
# Run again it stores nothing twice: files that were stored are only read. A lock keeps two runs apart.
folder=$1
SIPCAP_DB=$2
export SIPCAP_DB
exec 9> "$folder/.sipcap.lock"
flock -n 9 || exit 0
status=0
for file in "$folder"/*.pcap "$folder"/*.pcap.gz "$folder"/*.pcapng; do
  [ -e "$file" ] || continue
  sipcap capture mirror -r "$file" --quarantine "$folder/refused.ndjson" --summary json 2>> "$folder/import.log" || {
    code=$?
    echo "$file: exit code $code (see $folder/import.log)" >&2
    # 3: partly unreadable, what could be read is stored. 4: the database is away, the next run goes on.
    [ $code -eq 4 ] && exit 4
    status=$code
  }
done
exit $status
