/** The topics of `help` that are not commands. */

export interface Topic {
  name: string;
  summary: string;
  text: string;
}

export const TOPICS: readonly Topic[] = [
  {
    name: 'exit-codes',
    summary: 'what the exit codes mean',
    text: `EXIT CODES
    0  done; also when the reader of standard output went away (| head)
    1  internal error: please report it
    2  usage or configuration: the command line, a file or a right must be corrected
    3  input partly or wholly unreadable; what could be read was delivered
    4  a database or target could not be reached, rows or packets were lost, or an answer is partial
    5  nothing found (call, report list, report show)
  130  interrupted before finite work was complete (import, relay of files)

Of several, the first of 1, 2, 130, 4, 3, 5 is returned. A service manager should count 4 as success
where --spool keeps what could not be delivered (SuccessExitStatus=4).
`,
  },
  {
    name: 'signals',
    summary: 'what signals do',
    text: `SIGNALS
  SIGINT, SIGTERM  stop reading, deliver what waits (--drain-deadline, 10 s), print the summary.
                   A second SIGINT (200 ms or later) or SIGTERM (1 s or later) stops at once
  SIGHUP           serve: read the configuration again; nothing changes if it has errors.
                   hep listen and relay: read the certificates again
  SIGUSR1          print the summary so far and go on
  SIGPIPE          a reader that went away ends its output; other outputs go on
`,
  },
  {
    name: 'endpoints',
    summary: 'how HEP listeners and targets, databases, ports and times are written',
    text: `HEP LISTENERS AND TARGETS
  hep_udp:HOST:PORT  hep_tcp:HOST:PORT  hep_tls:HOST:PORT    also udp: tcp: tls:
  IPv6 in brackets: hep_udp:[2001:db8::1]:9060. The port is 9060, of TLS 9061, unless given;
  a bare port (9060) is hep_udp:0.0.0.0:9060.

DATABASES
  sqlite:PATH
  mysql://USER:PASSWORD@HOST:PORT/DATABASE         several hosts with the same data: HOST1,HOST2
  postgres://USER:PASSWORD@HOST:PORT/DATABASE      also ?host=/run/postgresql&port=5433
  The environment variable SIPCAP_DB keeps passwords out of the process list.

PORTS
  5060    5060-5090    5060,5080-5090

TIMES, AGES AND SIZES
  "2026-11-25 10:00"  10:00  today  yesterday  now  -1h  @1700000000      in the zone of --tz
  30s  5m  1h  14d  8w      always with a unit
  500M  20G
`,
  },
  {
    name: 'filters',
    summary: 'how messages and calls are selected',
    text: `FILTERS
  On capture and hep a filter selects messages; on call it selects calls with any matching message.
  All that are given must match; a flag that is repeated, or has values with commas, needs one of them.

  --sip-user --from-user --to-user USER     users in the headers
  --number NUMBER                           +49..., 0049... and 0... are one number
  --call-id ID  --method INVITE,BYE  --ip 10.0.0.0/8  --ua REGEX  --match REGEX
  --status 486, 4xx, 400-499, >=400         replies; on call: the final status of the call
  --since TIME  --until TIME  --last AGE    see 'sipcap help endpoints'
  --where CONDITION                         a condition of route scripts:
      '$rm == "INVITE" && $fU =~ "^\\\\+49"'   '$rs >= 400 && $si != "10.0.0.1"'
      $rm method  $rs status  $ci Call-ID  $fU $tU $rU users  $ua User-Agent  $si $sp $di $dp addresses
      A comparison with an absent value is false.
`,
  },
];
