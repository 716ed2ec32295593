#!/usr/bin/env bash
# Checks that the rows of a Homer 7 database are what Homer's pages expect: every member that they read with its type, no
# name in both JSON columns, unique ids, times within their partitions, all indexes, and that the pages' queries use them.
# Usage: homer7-check.sh postgres://user:password@host/homer_data [PERIOD]   PERIOD: '1 hour' (default), '7 days', or all
# Needs psql and the right to SELECT. Prints a line for each check; exits with 1 if one fails, 2 if the database cannot be read.
set -uo pipefail
url=${1:?usage: homer7-check.sh URL [PERIOD]}
period=${2:-1 hour}
if [ "$period" = all ]; then within=true; else within="create_date >= now() - interval '${period//\'/}'"; fi
sip='hep_proto_1_call hep_proto_1_registration hep_proto_1_default'
others='hep_proto_5_default hep_proto_35_default hep_proto_54_default hep_proto_100_default'
failed=0

ask() { psql -XqAt -v ON_ERROR_STOP=1 "$url" -c "SET TIME ZONE 'UTC'" -c "$1"; }

# check NAME QUERY: the query counts what contradicts it.
check() {
  local found
  found=$(ask "$2" | tail -1) || exit 2
  if [ "${found:-0}" = 0 ]; then echo "ok      $1"; else echo "FAILED  $1: $found"; failed=1; fi
}

union() { # union COLUMNS TABLE...
  local columns=$1 text='' table
  shift
  for table in "$@"; do text+="${text:+ UNION ALL }SELECT $columns FROM $table WHERE $within"; done
  echo "$text"
}

ask 'SELECT 1' >/dev/null || exit 2
for table in $sip $others; do
  check "$table exists and is partitioned by create_date" \
    "SELECT count(*) FROM (SELECT to_regclass('$table') AS oid) t WHERE NOT EXISTS (SELECT 1 FROM pg_partitioned_table p WHERE p.partrelid = t.oid AND p.partstrat = 'r')"
  [ $failed = 0 ] || exit 1
done

rows="($(union 'id, sid, create_date, protocol_header AS p, data_header AS d, raw' $sip $others)) r"
siprows="($(union 'id, sid, create_date, protocol_header AS p, data_header AS d, raw' $sip)) r"
for member in srcIp dstIp captureId correlation_id; do
  check "protocol_header.$member is text in every row" "SELECT count(*) FROM $rows WHERE coalesce(jsonb_typeof(p->'$member'), '') <> 'string'"
done
for member in srcPort dstPort timeSeconds timeUseconds protocol protocolFamily payloadType; do
  check "protocol_header.$member is a number in every row" "SELECT count(*) FROM $rows WHERE coalesce(jsonb_typeof(p->'$member'), '') <> 'number'"
done
for member in ruri_user ruri_domain from_user from_tag to_user to_tag callid cseq method user_agent; do
  check "data_header.$member is text in every SIP row" "SELECT count(*) FROM $siprows WHERE coalesce(jsonb_typeof(d->'$member'), '') <> 'string'"
done
check 'no name is in both protocol_header and data_header' \
  "SELECT count(*) FROM $rows WHERE EXISTS (SELECT 1 FROM jsonb_object_keys(p) k WHERE jsonb_exists(d, k))"
check 'data_header of SIP has no name that Homer sets itself' \
  "SELECT count(*) FROM $siprows WHERE jsonb_exists_any(d, ARRAY['node', 'id', 'sid', 'raw', 'create_date', 'table', 'uuid', 'profile', 'dbnode'])"
check 'timeUseconds is below a second' "SELECT count(*) FROM $rows WHERE (p->>'timeUseconds')::bigint NOT BETWEEN 0 AND 999999"
check 'sid of SIP is the Call-ID' "SELECT count(*) FROM $siprows WHERE sid <> d->>'callid'"
check 'SIP rows have payload type 1' "SELECT count(*) FROM $siprows WHERE p->>'payloadType' <> '1'"
check 'ids are exact as floating-point numbers' "SELECT count(*) FROM $rows WHERE id > 9007199254740992"
check 'id and create_date are unique over the SIP tables' \
  "SELECT count(*) FROM (SELECT 1 FROM $siprows GROUP BY id, create_date HAVING count(*) > 1) twice"
methods="INVITE|ACK|BYE|CANCEL|UPDATE|PRACK|REFER|INFO|NOTIFY"
check 'hep_proto_1_call has the methods of calls' "SELECT count(*) FROM hep_proto_1_call WHERE $within AND data_header->>'cseq' !~ '($methods)\$'"
check 'hep_proto_1_registration has REGISTER' "SELECT count(*) FROM hep_proto_1_registration WHERE $within AND data_header->>'cseq' !~ 'REGISTER\$'"

partitions="(SELECT i.inhparent::regclass::text AS parent, c.oid, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'r' AND i.inhparent::regclass::text LIKE 'hep\_proto\_%') x"
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
plan() { # plan NAME SQL
  local text
  text=$(ask "SET enable_seqscan = off; EXPLAIN $2") || exit 2
  if grep -q 'Seq Scan' <<<"$text"; then echo "FAILED  $1 uses indexes"; echo "$text"; failed=1; else echo "ok      $1 uses indexes"; fi
}
plan 'a search by user' "SELECT * FROM hep_proto_1_call WHERE create_date BETWEEN now() - interval '1 day' AND now() AND (data_header->>'from_user' = '1000') LIMIT 200"
plan 'a search by several methods' "SELECT * FROM hep_proto_1_call WHERE create_date BETWEEN now() - interval '1 day' AND now() AND (data_header->>'method' IN ('INVITE', '486')) LIMIT 200"
plan 'a transaction' "SELECT * FROM hep_proto_1_call WHERE create_date BETWEEN now() - interval '1 day' AND now() AND sid = ANY(ARRAY['x'])"
plan 'the legs of a call' "SELECT * FROM hep_proto_1_call WHERE create_date BETWEEN now() - interval '1 day' AND now() AND protocol_header->>'correlation_id' = ANY(ARRAY['x'])"
plan 'the QoS page' "SELECT * FROM hep_proto_5_default WHERE sid IN ('x') AND create_date BETWEEN now() - interval '1 day' AND now()"
plan 'a message' "SELECT * FROM hep_proto_1_call WHERE id = 1 AND create_date BETWEEN now() - interval '1 minute' AND now()"
exit $failed
