#!/bin/sh
# Imports the captures of a folder into a database; for cron. Usage: import-folder.sh FOLDER DB_URL
# Run again it stores nothing twice. Files are read in the order in which they were written, each after the one before it:
# a message may begin in one file of a rotated set and end in the next. The folder also gets these files:
#   .sipcap.imported    files that were read without a fault, by time, size and name; sipcap is not started for them again
#   .sipcap.unreadable  files that could not be read to their end, likewise; each is reported once. To try one again delete its line
#   import.log          what sipcap reported; above a million bytes it becomes import.log.1, and so on to import.log.4
#   refused.ndjson      rows that the database rejected
# A file that changed is read again. One that changed less than five minutes ago and cannot be read to its end is taken as
# still being written: it is tried again at the next run and not reported. A lock keeps two runs apart.
if [ $# -ne 2 ]; then
  echo "usage: ${0##*/} FOLDER DB_URL" >&2
  exit 2
fi
case $1 in
  /*) folder=$1 ;;
  *) folder=./$1 ;;
esac
SIPCAP_DB=$2
export SIPCAP_DB
export LC_ALL=C
if ! command -v sipcap > /dev/null; then
  echo "${0##*/}: sipcap not found in PATH=$PATH: set PATH in the crontab" >&2
  exit 2
fi
if ! [ -d "$folder" ] || ! [ -w "$folder" ]; then
  echo "${0##*/}: '$folder' is no folder that $(id -un) can write to" >&2
  exit 2
fi
exec 9> "$folder/.sipcap.lock"
flock -n 9 || exit 0

imported=$folder/.sipcap.imported
unreadable=$folder/.sipcap.unreadable
log=$folder/import.log
touch "$imported" "$unreadable" "$log"
if [ "$(stat -c %s "$log")" -gt 1000000 ]; then
  for number in 3 2 1; do
    [ ! -e "$log.$number" ] || mv "$log.$number" "$log.$((number + 1))"
  done
  mv "$log" "$log.1"
fi

# What identifies a file: time/size/database/name. The oldest file comes first.
database=$(printf '%s' "$SIPCAP_DB" | cksum | cut -d ' ' -f 1)
files=$(find -L "$folder" -maxdepth 1 -type f \( -name '*.pcap' -o -name '*.pcap.gz' -o -name '*.pcapng' \) -printf "%T@/%s/$database/%f\n" | sort -n)
# Files that are gone leave the lists.
for list in "$imported" "$unreadable"; do
  printf '%s\n' "$files" | awk -F / 'NR == FNR { there[$4] = 1; next } $4 in there' - "$list" > "$list.new"
  if cmp -s "$list" "$list.new"; then rm "$list.new"; else mv "$list.new" "$list"; fi
done

status=0
previous=
while IFS= read -r line; do
  [ -n "$line" ] || continue
  known=${line%%:*}
  state=${line#*:}
  name=${state##*/}
  file=$folder/$name
  case $known in
    imported)
      previous=$file
      continue
      ;;
    unreadable) continue ;;
  esac
  sipcap capture mirror -r ${previous:+"$previous"} "$file" --quarantine "$folder/refused.ndjson" --summary json < /dev/null 2>> "$log"
  code=$?
  case $code in
    0)
      printf '%s\n' "$state" >> "$imported"
      previous=$file
      ;;
    1 | 3)
      # 3: what could be read is stored. 1: an internal error, to be reported to the authors of sipcap.
      [ $code = 1 ] || [ -z "$(find -L "$file" -mmin -5)" ] || continue
      reason=$(tail -n 1 "$log" | sed -n 's/.*"problem":"\([^"][^"]*\)".*/: \1/p')
      echo "$file: exit code $code$reason (see $log)" >&2
      printf '%s\n' "$state" >> "$unreadable"
      status=$code
      ;;
    *)
      # 4: the database is unavailable, the next run resumes. 2: to be corrected by the operator.
      echo "$file: exit code $code (see $log)" >&2
      exit $code
      ;;
  esac
done <<FILES
$({
  sed 's/^/imported:/' "$imported"
  sed 's/^/unreadable:/' "$unreadable"
  [ -z "$files" ] || printf '%s\n' "$files" | sed 's/^/file:/'
} | awk '{ kind = $0; sub(/:.*/, "", kind); state = substr($0, length(kind) + 2) }
  kind != "file" { known[state] = kind; next }
  { print (state in known ? known[state] : "new") ":" state }')
FILES
exit $status
