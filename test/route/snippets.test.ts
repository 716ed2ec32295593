/** Statements as the manuals of OpenSIPS' sipcapture show them and users have them: the resulting calls of the host. */
import { describe, expect, test } from '@jest/globals';
import { INVITE, Recording, compiled, hepEnvelope, messageOf, ran } from './recording.js';

function hepRun(statements: string, set: (context: Recording) => void = () => {}): string[] {
  const context = new Recording();
  context.stage = 'hep';
  set(context);
  return ran(`route[hep] { ${statements} }`, context, { hepRoute: 'hep' });
}

describe('chunks', () => {
  test.each([
    ['hep_set("proto_type", "H321");', ['set proto_type 0c']],
    ['hep_set("uint32", "31", "3", "132");', ['set 31 00000084']],
    ['hep_set("inet4-addr", "32", "3", "192.168.5.14");', ['set 32 c0a8050e']],
    ['hep_set("31", "132", "uint32", "3");', ['set 31 00000084']],
    ['hep_set(, "31", , "text");', ['set 31 74657874']],
    ['hep_set("utf8-string", "0x20", "3", "$rm of $fU");', ['set 0x20 494e56495445206f6620616c696365']],
    ['hep_del("25");', ['del 25']],
    ['hep_del("payload");', ['del payload']],
  ])('%s', (statement, expected) => {
    expect(hepRun(statement)).toEqual(expected);
  });

  test.each([
    ['hep_get("proto_type", "$var(vid)", "$var(data)");', 'proto_type'],
    ['hep_get("utf8-string", "0x0011", "$var(vid)", "$var(data)");', '0x0011'],
    ['hep_get("proto_type", "utf8-string", "$var(data)", "$var(vid)");', 'proto_type'],
    ['hep_get("proto_type", "utf8-string", $var(data), $var(vid));', 'proto_type'],
  ])('%s', (statement, chunk) => {
    const logged = hepRun(`${statement} xlog("$var(vid) $var(data)");`, (context) => context.chunks.set(chunk, 'value'));
    expect(logged).toEqual([`get ${chunk}`, 'log -1 3 value']);
  });

  test('a chunk that is not there: false, both variables empty, and no error of the script', () => {
    expect(hepRun('$var(d) = 5; if (!hep_get("31", "$avp(v)", "$avp(d)")) xlog("none $avp(v) $avp(d)");')).toEqual([
      'get 31',
      'log -1 none <null> <null>',
    ]);
  });

  test('the three arguments of the misprint in the documentation', () => {
    const { text } = compiled('hep_get("utf8-string", "0x0011", "$var(data)");');
    expect(text).toBe(`s.cfg:1:1: note: hep_get() with three arguments is taken as (data type, chunk, variable for the data)
    hep_get("utf8-string", "0x0011", "$var(data)");
    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
`);
    expect(
      hepRun('hep_get("utf8-string", "0x0011", "$var(data)"); xlog("$var(data)");', (context) => context.chunks.set('0x0011', 'id')),
    ).toEqual(['get 0x0011', 'log -1 id']);
  });
});

describe('hep_relay', () => {
  const script = '$du="sip:192.168.153.157"; if (!hep_relay()) { xlog("Hep proxying failed!\\n"); exit; } xlog("sent");';

  test('to the port of HEP', () => {
    expect(hepRun(script)).toEqual(['relay hep_udp:192.168.153.157:9060', 'log -1 sent']);
  });

  test('fails', () => {
    expect(
      hepRun(script, (context) => {
        context.refuses = 'no';
      }),
    ).toEqual(['relay hep_udp:192.168.153.157:9060', 'failed s.cfg:1:46 no', 'log -1 Hep proxying failed!\n', 'exit']);
  });

  test.each([
    ['sip:127.0.0.1:6000', 'hep_udp:127.0.0.1:6000'],
    ['sip:127.0.0.1;transport=tcp', 'hep_tcp:127.0.0.1:9060'],
    ['sips:127.0.0.1', 'hep_tls:127.0.0.1:9061'],
    ['sip:x@[::1]:7;transport=hep_tls', 'hep_tls:[::1]:7'],
    ['hep_tcp:127.0.0.1:5', 'hep_tcp:127.0.0.1:5'],
  ])('%s', (target, expected) => {
    expect(hepRun(`$du = "${target}"; hep_relay();`)).toEqual([`relay ${expected}`]);
  });
});

test('a cascade of conditions on the source of a packet', () => {
  const script = `
    if ($HEPVERSION == 3) {
      if ($hep_net(dst_ip) == "127.0.0.6") {
        hep_set("captagent_id", "1");
      } else if ($hep_net(src_port) == 4000) {
        hep_set("captagent_id", "2");
      }
    } else {
      xlog("HEPv$HEPVERSION received\\n");
    }
    hep_resume_sip();`;
  expect(hepRun(script)).toEqual(['set captagent_id 00000001', 'resume']);
  const old = new Recording(messageOf(INVITE, hepEnvelope(2)));
  old.stage = 'hep';
  expect(ran(`route[hep] { ${script} }`, old, { hepRoute: 'hep' })).toEqual(['log -1 HEPv2 received\n', 'resume']);
});

describe('storing', () => {
  test.each([
    ['sip_capture();', 'store [null,null,null,null]'],
    ['sip_capture("homer_%m_%d", , "$hdr(P-Asserted-Identity)");', 'store ["homer_%m_%d",null,"<sip:1000@a.example>",null]'],
    ['sip_capture("t", "a", "b", "c");', 'store ["t","a","b","c"]'],
    ['sip_capture("t", $hdr(X-None));', 'store ["t",null,null,null]'],
    ['sip_capture("");', 'store [null,null,null,null]'],
    ['report_capture("id");', 'report ["id",null,-1]'],
    ['report_capture(, "id", "5");', 'report ["id",null,5]'],
    ['report_capture("id", , 5);', 'report ["id",null,5]'],
  ])('%s', (statement, expected) => {
    expect(ran(statement)).toEqual([expected]);
  });

  test('strings in report_capture match both argument orders until the script declares its version', () => {
    const both = 'report_capture("a", "b");';
    expect(compiled(both).program).toBeNull();
    expect(ran('report_capture("t", "id", "5");', new Recording(), { scriptVersion: 2 })).toEqual(['report ["id","t",5]']);
    expect(ran(both, new Recording(), { scriptVersion: 2 })).toEqual(['report ["b","a",-1]']);
    expect(ran(`script_version = 3.4\n${both}`)).toEqual(['report ["a","b",-1]']);
    expect(ran(both, new Recording(), { scriptVersion: 3 })).toEqual(['report ["a","b",-1]']);
  });

  test('async', () => {
    expect(ran('route { async(sip_capture(), capture_resume); } route[capture_resume] { xlog("rc $rc"); }')).toEqual([
      'store [null,null,null,null]',
      'log -1 rc 1',
      'exit',
    ]);
  });
});
