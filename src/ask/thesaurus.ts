import { stem } from './stem.js';

/**
 * Words that code bases use for about the same thing, by group. A question's word also asks for its neighbours, for less.
 * A word may stand in several groups.
 */
const GROUPS = `
  abort cancel interrupt kill terminate; accept allow permit admit grant;
  access permission privilege right authorization authorize acl; account user member principal identity;
  acknowledge ack confirm; add append insert push create register; address addr; adjust tune adapt;
  advertise announce broadcast publish; alarm alert warning notify; alias synonym nickname;
  allocate alloc reserve acquire; ancestor parent; anonymous guest; append concatenate concat join;
  approximate estimate; archive tar zip bundle; argument arg parameter param option; array list sequence vector;
  assert expect ensure verify; asset resource static; asynchronous async; attack malicious exploit hostile;
  attempt try retry; attribute property field; authenticate authentication auth login signin credential;
  author creator owner; average mean; background daemon worker; backoff retry delay; backup snapshot dump;
  balance distribute; ban block deny forbid; batch bulk chunk; begin start init initialize open;
  binary bytes blob buffer; bind attach listen; blank empty whitespace; block blocking stall hang wait;
  body payload content; boolean bool flag; bound limit boundary; branch fork; broken corrupt invalid malformed bad;
  browser client; budget quota limit; buffer queue; bug error fault defect; build compile make generate construct;
  bundle pack package; cache memoize store; calculate compute calc; callback handler hook listener;
  capacity size limit; capital upper uppercase case; catalog registry index; certificate cert tls ssl x509;
  change modify update edit alter mutate; channel pipe queue; character char rune; charge bill price fee;
  check validate verify validation test inspect; child sub nested subprocess; choose select pick decide choice;
  circular cycle cyclic loop; clean cleanup purge sweep clear; client peer consumer; clock time timer;
  close shutdown stop end quit terminate dispose exit; cluster node raft; code source;
  collect gather accumulate aggregate; collision conflict clash; color colour ansi highlight;
  combine merge join concatenate; command cmd cli; comment note annotation; compare equal equality diff comparator;
  complete finish done; compress compression gzip deflate zip brotli; compute evaluate;
  concurrent concurrency parallel simultaneous; condition predicate;
  config configuration configure settings options preferences; connect connection conn socket dial link;
  console terminal tty stdout; constant fixed immutable; consume consumer subscriber reader receiver;
  contain include hold; convert transform cast coerce translate map; copy clone duplicate replicate;
  count number total counter; country locale language; crash panic fatal; create make new build generate;
  cross foreign external; current present active; cut truncate split slice chop; damage corrupt; data payload;
  database db sql storage; date time timestamp; deadline timeout expiry; deadlock lock;
  decide determine resolve choose; declare define register; decode parse deserialize unmarshal;
  decrease decrement reduce; decrypt decipher unseal; default fallback preset; delay postpone defer lazy debounce;
  delete remove destroy drop erase unlink purge; depend dependency require; deprecated obsolete legacy;
  describe description explain; destination target output dest; detect discover recognize find notice;
  device hardware; differ diff change; digest hash checksum fingerprint; directory folder dir path;
  disable off deactivate; disconnect close hangup; disk file filesystem storage; display show render print;
  divide split partition; document doc docs documentation; download fetch; draw render paint;
  duplicate dedupe repeated twice unique; duration time interval; dynamic runtime; element item entry node;
  elect vote leader campaign; email mail smtp; embed inline; emit fire trigger dispatch; empty blank null none;
  enable on activate; encode serialize marshal stringify format; encrypt cipher seal crypto; enforce require ensure;
  entry item record; enumerate list iterate; environment env; equal same identical match;
  error exception failure err fault; escape quote sanitize encode; event signal message; evict expire cull eject;
  exceed over max limit; exclude ignore skip omit; execute run invoke perform; exist present; expand extend;
  expire expiry expiration ttl age outdated stale; export expose publish; expression expr;
  extend extension plugin addon; extract parse get; factor multiplier; fail failure error; fast quick performance;
  feed rss atom; field column attribute; file document; filter select where; final last end;
  find search look lookup locate query discover; first initial head; fix repair patch; flag option switch;
  flat flatten; flush write sync; follow follower replica; font typeface; forbid deny prohibit block reject disallow;
  force must; forget drop clear; form input; format pretty layout; forward proxy relay route;
  fraction percent weight ratio share; free release deallocate; freeze lock immutable readonly; fresh new stale;
  full complete overflow; function func method procedure; graceful drain shutdown; graph tree; group set collection;
  grow increase expand; handle process; handshake negotiate upgrade; header head metadata;
  health healthy status ping alive; height size; help usage; hidden private secret invisible;
  hide mask redact conceal cleanse; hold keep; hook callback event listener; host hostname server domain;
  human readable; id identifier uuid key; idle inactive; image picture photo; implement provide;
  import require include load; incoming inbound request; increase increment; incremental partial; index position;
  infinite endless; inherit extend; initial default; inject insert; input stdin; install setup; instance object;
  integer int number; integrity checksum hash; interval period tick; invalid malformed bad illegal broken;
  invoke call; isolate encapsulate sandbox scope; iterate loop walk traverse each; journal log wal; jump skip;
  keep preserve retain; key name; label tag name; language locale translation i18n; large big huge oversized;
  last latest recent newest; latency duration time; layer level; lazy deferred demand; leak escape; left remaining;
  length size len; level depth; library module package; licence license copyright; lifetime expiry ttl;
  limit max maximum restrict cap quota throttle; link url href uri; list array collection; listen bind serve;
  listener subscriber receiver handler observer; load read import; localhost loopback; lock mutex semaphore;
  log logger logging trace; logout signout; lookup find resolve; loop cycle iterate; lost missing dropped;
  lowercase lower case; main entry; manage control; map dictionary hash table; mark flag tag;
  match equal compare pattern; measure metric stat; memory ram heap; message msg packet; method function verb;
  metric stat statistics counter; middle center; migrate migration upgrade; minify compress shorten;
  minimum min least; mirror replicate copy; missing absent unknown notfound; mix merge; mock fake stub;
  monitor watch observe; month date; multiple several many multi; name title label; navigate redirect;
  nest inner nested; network net; notify notification inform signal emit; number count numeric integer;
  obsolete deprecated old; obtain get acquire; offset position; old previous legacy stale;
  operating os platform system; optional maybe; order sort sequence; ordinal position; origin source cors;
  output result; overflow exceed full lag; override replace; overwrite replace; owner user; page pagination paginate;
  pair tuple; parallel concurrent worker thread; parse parser parsing decode read; part piece segment section chunk;
  partition shard split; pass forward; password passphrase secret credential pwd; patch update; path route directory;
  pattern regex regexp glob wildcard; pause suspend stop; pay payment charge; peer remote; pending waiting queued;
  performance speed fast optimize; permanent persistent; person user; place location position;
  placeholder variable param; plugin extension addon module; point position; poll check; pool worker thread;
  popular common; port listen; post article entry; predict estimate; prefer preference; prefix start; prepare setup;
  present current show; prevent avoid forbid; preview show; previous former old last; price cost; print output log;
  priority order; private hidden internal; process proc; produce generate emit; profile measure benchmark;
  program application; progress status; promise future async; protect guard secure; protocol scheme; prove verify;
  provide supply; proxy forward reverse relay; public exposed; publish pub emit broadcast send; purge delete clean;
  push send; queue job task; quote cite; random rand shuffle; range interval; rank order;
  rate throttle speed frequency; raw original; read load parse; ready available; real actual; reason cause;
  rebuild regenerate recompile; receive recv consume; receiver subscriber listener consumer; recipient receiver;
  record entry row; recover restore; recursive nested; redirect location; refer reference link; refresh reload renew;
  refuse reject deny; region area; relate relation related associated; release free unlock; reload refresh restart;
  remember cache store; rename move; render draw display template; repeat again retry loop; replace substitute swap;
  report log; request req; require need; reset clear restore; resize scale; respond response reply;
  response res resp reply answer; restart reload reboot; resume continue; retry attempt backoff reconnect;
  return give; reverse invert; revoke withdraw invalidate; rewrite transform replace; role permission;
  rollback undo revert; root top base; rotate roll rollover; round circle; route router path url endpoint;
  row record line; rule policy; run execute start; runtime engine; same equal identical duplicate; sample example;
  sanitize clean escape strip; save write store persist; scan read walk; schedule cron timer plan;
  schema shape structure; scope context; score rank; script code; secret password token sensitive credential;
  secure security safe; send deliver dispatch transmit emit write; sender producer publisher;
  sensitive secret private; session login cookie; set assign put; setting option config preference; setup init;
  severe fatal; share common; shell bash; short brief abbreviate; shorten truncate mangle minify abbreviate;
  shrink compress reduce; sibling neighbour; sign signature; signal event kill; similar related like;
  simple basic plain; size length bytes capacity; sleep wait delay; slow lag stall; source origin src;
  space whitespace; spam junk; spawn start fork launch create; split divide separate; stale expired old;
  start begin launch boot init; state status; steal take; step stage; stop halt end; storage store disk;
  stream pipe flow; strict exact; string text str; strip remove trim; style css; subject topic; submit send;
  subscribe sub listen; succeed success ok; suffix ending extension; summary excerpt abstract; swap exchange replace;
  switch toggle; symbol name; synchronize sync; tab indent; table grid; take get; template layout view;
  temporary temp tmp; tenant organization; test spec check; theme style; threshold limit; throttle limit rate;
  throw raise error; ticket token; timezone tz; title heading name; total sum; trace track log; track follow;
  trailing trailer end; transaction atomic commit; transfer move send; translate translation i18n;
  truncate cut shorten; trust trusted; turn convert; type kind; undefined missing; unify merge; unique distinct;
  unpack extract; unused dead; upload multipart file; url uri link address; username login; utility util helper;
  valid validate correct; value val; variable var; variant version; vendor thirdparty; version release;
  view page template; virtual fake; visible shown public; visit walk; visitor user client; wait await sleep block;
  warn warning; weak easy common; web http; window frame; word term; wrap enclose; write save output; yield pause;
  zombie orphan reap;
`;

/** Stems of words that mean about the same as `stemmed`. */
export function neighboursOf(stemmed: string): readonly string[] {
  table ??= readGroups();
  return table.get(stemmed) ?? [];
}

let table: Map<string, string[]> | null = null;

function readGroups(): Map<string, string[]> {
  const read = new Map<string, Set<string>>();
  for (const group of GROUPS.split(';')) {
    const stems = [...new Set(group.trim().split(/\s+/).filter(Boolean).map(stem))];
    for (const one of stems) {
      const known = read.get(one) ?? new Set();
      for (const other of stems) if (other !== one) known.add(other);
      read.set(one, known);
    }
  }
  return new Map([...read].map(([one, others]) => [one, [...others]]));
}
