#!/usr/bin/env bash
# Checks that the rows of a Homer 7 database are what Homer's pages expect: every member that they read with its type, no
# name in both JSON columns, unique ids, names and indexes of the partitions, and that the pages' queries use these indexes.
# Usage: homer7-check.sh postgres://user:password@host/homer_data [PERIOD]   PERIOD: '1 hour' (default), '7 days', or all
# Needs psql and the right to SELECT. Prints a line for each check; exits with 1 if one fails, 2 if the database cannot be read.
set -uo pipefail
url=${1:?usage: homer7-check.sh URL [PERIOD]}
period=${2:-1 hour}
if [ "$period" = all ]; then within=true; else within="create_date >= now() - interval '${period//\'/}'"; fi
sip='hep_proto_1_call hep_proto_1_registration hep_proto_1_default'
others='hep_proto_5_default hep_proto_35_default hep_proto_54_default hep_proto_100_default'

# run SQL: in one session, which ends at the first error.
run() { psql -XqAt -F ' ' -v ON_ERROR_STOP=1 "$url" -c "SET TIME ZONE 'UTC'" -f - <<<"$1"; }

missing=''
for table in $sip $others; do
  missing+="SELECT '$table' WHERE NOT EXISTS (SELECT 1 FROM pg_partitioned_table WHERE partrelid = to_regclass('$table') AND partstrat = 'r');"
done
missing=$(run "$missing") || exit 2
if [ -n "$missing" ]; then
  for table in $missing; do echo "FAILED  $table does not exist, or is not partitioned by range"; done
  exit 1
fi

sql=''
# check NAME QUERY: the query counts what contradicts it.
check() { sql+="SELECT '= ' || ($2)::text || ' $1';"$'\n'; }

rows_of() { # rows_of TABLE...
  local text='' table
  for table in "$@"; do
    text+="${text:+ UNION ALL }SELECT id, sid, create_date, protocol_header AS p, data_header AS d, raw FROM $table WHERE $within"
  done
  echo "($text) r"
}

# Conditions on all rows of some tables, counted in one pass.
names=()
counts=''
rule() { # rule NAME CONDITION: of a row that contradicts it
  names+=("$1")
  counts+="${counts:+, }count(*) FILTER (WHERE $2)"
}
rules_of() { # rules_of TABLE...
  local list='' name
  for name in "${names[@]}"; do list+="${list:+, }'$name'"; done
  sql+="SELECT '= ' || found::text || ' ' || name FROM (SELECT ARRAY[$list] AS names, ARRAY[$counts] AS counts FROM $(rows_of "$@")) x, unnest(names, counts) AS y (name, found);"$'\n'
  names=()
  counts=''
}

for member in srcIp dstIp captureId correlation_id; do
  rule "protocol_header.$member is text in every row" "coalesce(jsonb_typeof(p->'$member'), '') <> 'string'"
done
for member in srcPort dstPort timeSeconds timeUseconds protocol protocolFamily payloadType; do
  rule "protocol_header.$member is a number in every row" "coalesce(jsonb_typeof(p->'$member'), '') <> 'number'"
done
rule 'timeUseconds is below a second' "(p->>'timeUseconds')::numeric NOT BETWEEN 0 AND 999999"
rule 'no name is in both protocol_header and data_header' "EXISTS (SELECT 1 FROM jsonb_object_keys(p) k WHERE jsonb_exists(d, k))"
rule 'ids are exact as floating-point numbers' "id > 9007199254740992"
rules_of $sip $others

for member in ruri_user ruri_domain from_user from_tag to_user to_tag callid cseq method user_agent; do
  rule "data_header.$member is text in every SIP row" "coalesce(jsonb_typeof(d->'$member'), '') <> 'string'"
done
rule 'data_header of SIP has no name that Homer sets itself' \
  "jsonb_exists_any(d, ARRAY['node', 'id', 'sid', 'raw', 'create_date', 'table', 'uuid', 'profile', 'dbnode'])"
rule 'sid of SIP is the Call-ID' "sid <> d->>'callid'"
rule 'SIP rows have payload type 1' "p->>'payloadType' <> '1'"
rules_of $sip

check 'id and create_date are unique over the SIP tables' \
  "SELECT count(*) FROM (SELECT 1 FROM $(rows_of $sip) GROUP BY id, create_date HAVING count(*) > 1) twice"
methods="INVITE|ACK|BYE|CANCEL|UPDATE|PRACK|REFER|INFO|NOTIFY"
check 'hep_proto_1_call has the methods of calls' "SELECT count(*) FROM hep_proto_1_call WHERE $within AND data_header->>'cseq' !~ '($methods)\$'"
check 'hep_proto_1_registration has REGISTER' "SELECT count(*) FROM hep_proto_1_registration WHERE $within AND data_header->>'cseq' !~ 'REGISTER\$'"

partitions="(SELECT p.relname AS parent, c.oid, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound FROM pg_inherits i
  JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent WHERE c.relkind = 'r' AND p.relname LIKE 'hep\_proto\_%') x"
check 'partitions are named after their first minute' \
  "SELECT count(*) FROM $partitions WHERE name <> parent || '_' || to_char((substring(bound from 'FROM \(''(.*?)''\)'))::timestamptz, 'YYYYMMDD_HH24MI')"
indexes() { # indexes TABLE-PATTERN SUFFIX...
  local pattern=$1
  shift
  check "every partition of $pattern has its indexes" "SELECT count(*) FROM $partitions, unnest(string_to_array('$*', ' ')) suffix
    WHERE parent ~ '$pattern' AND NOT EXISTS (SELECT 1 FROM pg_index n JOIN pg_class c ON c.oid = n.indexrelid WHERE n.indrelid = x.oid AND n.indisvalid AND c.relname = name || '_' || suffix)"
}
indexes '^hep_proto_1_' create_date sid correlation_id srcip dstip ruri_domain ruri_user from_user to_user pid_user auth_user callid method
indexes '^hep_proto_(5|35|100)_' create_date sid correlation_id srcip dstip
indexes '^hep_proto_54_' create_date sid correlation_id called_number calling_number opc dpc cic msg_name callid

# What the pages ask: with sequential scans made expensive, a plan that still has one has no index that it could use.
sql+='SET enable_seqscan = off;'$'\n'
plan() { sql+="SELECT '? $1 uses indexes'; EXPLAIN $2;"$'\n'; } # plan NAME QUERY
day="create_date BETWEEN now() - interval '1 day' AND now()"
plan 'a search by user' "SELECT * FROM hep_proto_1_call WHERE $day AND (data_header->>'from_user' = '1000') LIMIT 200"
plan 'a search by several methods' "SELECT * FROM hep_proto_1_call WHERE $day AND (data_header->>'method' IN ('INVITE', '486')) LIMIT 200"
plan 'a transaction' "SELECT * FROM hep_proto_1_call WHERE $day AND sid = ANY(ARRAY['x'])"
plan 'the legs of a call' "SELECT * FROM hep_proto_1_call WHERE $day AND protocol_header->>'correlation_id' = ANY(ARRAY['x'])"
plan 'the QoS page' "SELECT * FROM hep_proto_5_default WHERE sid IN ('x') AND $day"
plan 'a message' "SELECT * FROM hep_proto_1_call WHERE id = 1 AND create_date BETWEEN now() - interval '1 minute' AND now()"

found=$(run "$sql") || exit 2
failed=0
name=''
plan=''
judge() { # of the plan collected so far
  [ -n "$name" ] || return
  if [[ $plan == *'Seq Scan'* ]]; then echo "FAILED  $name"; echo "$plan"; failed=1; else echo "ok      $name"; fi
}
while IFS= read -r text; do
  case $text in
    '= 0 '*) echo "ok      ${text#= 0 }" ;;
    '= '*) text=${text#= }; echo "FAILED  ${text#* }: ${text%% *}"; failed=1 ;;
    '? '*) judge; name=${text#\? }; plan='' ;;
    *) plan+="$text"$'\n' ;;
  esac
done <<<"$found"
judge
exit $failed
