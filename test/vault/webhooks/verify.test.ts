import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import OpenAI from 'openai';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { openCredentialTypes } from '../../../src/vault/credential-types/catalogue.js';
import { ReplayMemory } from '../../../src/vault/webhooks/replay-memory.js';
import { verifyWebhook } from '../../../src/vault/webhooks/verify.js';

const types = openCredentialTypes();
const STRIPE = types.get('stripe_webhook')!;
const POLAR = types.get('polar_webhook')!;

const NOW = Date.parse('2026-11-22T12:00:00Z');
const SECONDS = NOW / 1000;
const BODY = Buffer.from('{"id":"evt_1Nx","type":"invoice.paid","amount":1.0}\n');
const STRIPE_SECRET = 'whsec_0123456789abcdefghijklmnopqrstuv';
/** As Polar makes them since 2026-09-08. */
const POLAR_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** As Polar made them before. */
const POLAR_OLD_SECRET = 'polar_whs_0123456789abcdefghij';

const stripeMac = (secret: string, seconds: number | string, body: Buffer) =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
const stripe = (header: string, body = BODY, fields = {}, nowMs = NOW) =>
  verifyWebhook(STRIPE, { signingSecret: STRIPE_SECRET, ...fields }, ['Stripe-Signature', header], body, nowMs);
const signedStripe = (seconds = SECONDS, body = BODY) => `t=${seconds},v1=${stripeMac(STRIPE_SECRET, seconds, body)}`;

const standardMac = (key: Buffer | string, id: string, seconds: number, body: Buffer) =>
  `v1,${createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')}`;
const standardHeaders = (signature: string, id = 'msg_1', seconds: number | string = SECONDS) => [
  ...['webhook-id', id, 'webhook-timestamp', String(seconds), 'webhook-signature', signature],
];
const polar = (headers: string[], signingSecret = POLAR_SECRET, body = BODY, nowMs = NOW) =>
  verifyWebhook(POLAR, { signingSecret }, headers, body, nowMs);
const KEY = Buffer.alloc(32, 7);

describe('V8: Stripe', () => {
  test('V8: what the official library signs is valid, and names its event', () => {
    const header = Stripe.webhooks.generateTestHeaderString({
      payload: BODY.toString(),
      secret: STRIPE_SECRET,
      timestamp: SECONDS,
    });
    expect(stripe(header)).toMatchObject({ valid: true, eventId: 'evt_1Nx' });
  });

  test('V8: what is valid here is valid for the official library', () => {
    const now = Math.floor(Date.now() / 1000);
    const header = signedStripe(now);
    expect(Stripe.webhooks.constructEvent(BODY, header, STRIPE_SECRET).id).toBe('evt_1Nx');
    expect(stripe(header, BODY, {}, now * 1000).valid).toBe(true);
  });

  test.each([0, 300, -300])('V8: a clock that differs by %i s is within the tolerance', (seconds) => {
    expect(stripe(signedStripe(SECONDS - seconds)).valid).toBe(true);
  });

  test.each([
    [301, 'too_old'],
    [-301, 'from_the_future'],
    [86_400 * 365, 'too_old'],
  ])('V8: signed %i s ago is refused: %s', (seconds, reason) => {
    expect(stripe(signedStripe(SECONDS - seconds))).toMatchObject({ valid: false, reason });
  });

  test('V8: the tolerance of the credential holds', () => {
    expect(stripe(signedStripe(SECONDS - 61), BODY, { toleranceSeconds: 60 })).toMatchObject({ reason: 'too_old' });
    expect(stripe(signedStripe(SECONDS - 500), BODY, { toleranceSeconds: 600 }).valid).toBe(true);
  });

  test('V8: while a secret is rolled two signatures come, and one that fits is enough', () => {
    const fits = stripeMac(STRIPE_SECRET, SECONDS, BODY);
    const other = stripeMac('another-secret-0123456789', SECONDS, BODY);
    expect(stripe(`t=${SECONDS},v1=${other},v1=${fits},v0=${'0'.repeat(64)}`).valid).toBe(true);
    expect(stripe(`t=${SECONDS},v1=${other}`)).toMatchObject({ reason: 'wrong_signature' });
    expect(stripe(`t=${SECONDS},v0=${fits}`)).toMatchObject({ reason: 'malformed' });
  });

  test.each([
    ...[
      '',
      't=',
      'v1=',
      `t=${SECONDS}`,
      `v1=${'0'.repeat(64)}`,
      `t=x,v1=${'0'.repeat(64)}`,
      `t=1e9,v1=${'0'.repeat(64)}`,
    ],
    ...[`t=-5,v1=${'0'.repeat(64)}`, `t=${SECONDS},v1=${'g'.repeat(64)}`, `t=${SECONDS},v1=${'0'.repeat(63)}`],
    `t=${SECONDS},t=${SECONDS},v1=${stripeMac(STRIPE_SECRET, SECONDS, BODY)}`,
    `t=${SECONDS},v1=${stripeMac(STRIPE_SECRET, SECONDS, BODY).toUpperCase()}`,
  ])('V8: the header %j is malformed', (header) => {
    expect(stripe(header)).toMatchObject({ valid: false, reason: 'malformed' });
  });

  test('V8: without the header, or with two of it, nothing is valid', () => {
    expect(verifyWebhook(STRIPE, { signingSecret: STRIPE_SECRET }, [], BODY, NOW)).toMatchObject({ reason: 'missing' });
    const twice = ['stripe-signature', signedStripe(), 'Stripe-Signature', signedStripe()];
    expect(verifyWebhook(STRIPE, { signingSecret: STRIPE_SECRET }, twice, BODY, NOW)).toMatchObject({
      reason: 'malformed',
    });
  });

  test('V8: an empty or short secret proves nothing', () => {
    for (const secret of ['', 'whsec_', 'short'])
      expect(
        verifyWebhook(
          STRIPE,
          { signingSecret: secret },
          ['stripe-signature', `t=${SECONDS},v1=${stripeMac(secret, SECONDS, BODY)}`],
          BODY,
          NOW,
        ),
      ).toMatchObject({ valid: false });
    expect(verifyWebhook(STRIPE, {}, ['stripe-signature', signedStripe()], BODY, NOW)).toMatchObject({ valid: false });
  });

  test('V8: any other byte anywhere in body, time or signature is refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const body = Buffer.from(bytes);
          const header = signedStripe(SECONDS, body);
          expect(stripe(header, body).valid).toBe(true);
          const changed = Buffer.from(body);
          changed[at % body.length]! ^= flip;
          expect(stripe(header, changed).valid).toBe(false);
          expect(stripe(header, body.subarray(1)).valid).toBe(false);
          expect(stripe(header.replace(`t=${SECONDS}`, `t=${SECONDS + 1}`), body).valid).toBe(false);
          const place = header.length - 1 - (at % 64);
          const digit = header[place] === '0' ? '1' : '0';
          expect(stripe(header.slice(0, place) + digit + header.slice(place + 1), body).valid).toBe(false);
        },
      ),
    );
  });
});

describe('V8: Standard Webhooks, as Polar sends them', () => {
  test('V8: the new derivation, from the decoded secret', () => {
    const verdict = polar(standardHeaders(standardMac(KEY, 'msg_1', SECONDS, BODY)));
    expect(verdict).toMatchObject({ valid: true, eventId: 'msg_1' });
  });

  test('V8: the old derivation, from the bytes of the whole secret', () => {
    for (const secret of [POLAR_OLD_SECRET, POLAR_SECRET, 'chosen by hand!'.replaceAll(' ', '_')])
      expect(polar(standardHeaders(standardMac(secret, 'msg_1', SECONDS, BODY)), secret).valid).toBe(true);
  });

  test('V8: what is valid here is valid for a library that speaks the standard', async () => {
    const now = Math.floor(Date.now() / 1000);
    const signature = standardMac(KEY, 'msg_1', now, BODY);
    const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(now), 'webhook-signature': signature };
    await new OpenAI({ apiKey: 'unused' }).webhooks.verifySignature(BODY.toString(), headers, POLAR_SECRET);
    expect(polar(standardHeaders(signature, 'msg_1', now), POLAR_SECRET, BODY, now * 1000).valid).toBe(true);
  });

  test('V8: of several entries one that fits is enough; other versions are skipped', () => {
    const fits = standardMac(KEY, 'msg_1', SECONDS, BODY);
    const other = standardMac(randomBytes(32), 'msg_1', SECONDS, BODY);
    expect(polar(standardHeaders(`v1a,xyz ${other} ${fits}`)).valid).toBe(true);
    expect(polar(standardHeaders(other))).toMatchObject({ reason: 'wrong_signature' });
    expect(polar(standardHeaders(fits.replace('v1,', 'v2,')))).toMatchObject({ reason: 'malformed' });
  });

  test.each([
    [301, 'too_old'],
    [-301, 'from_the_future'],
  ])('V8: signed %i s ago is refused: %s', (age, reason) => {
    const seconds = SECONDS - age;
    const headers = standardHeaders(standardMac(KEY, 'msg_1', seconds, BODY), 'msg_1', seconds);
    expect(polar(headers)).toMatchObject({ valid: false, reason });
  });

  test('V8: id, time and body are bound together and cannot be cut in another place', () => {
    const inner = Buffer.from(`${SECONDS}.${BODY}`);
    const signature = standardMac(KEY, 'msg', 123, inner);
    expect(polar(standardHeaders(signature, 'msg.123'))).toMatchObject({ reason: 'malformed' });
    expect(polar(standardHeaders(standardMac(KEY, 'msg_1', SECONDS, BODY), 'msg_2'))).toMatchObject({
      reason: 'wrong_signature',
    });
  });

  test.each([
    ['', 'msg_1', String(SECONDS)],
    ['v1,', 'msg_1', String(SECONDS)],
    ['v1,AAAA', 'msg_1', String(SECONDS)],
    [`v1,${'A'.repeat(43)}=`, '', String(SECONDS)],
    [`v1,${'A'.repeat(43)}=`, 'a b', String(SECONDS)],
    [`v1,${'A'.repeat(43)}=`, 'msg_1', 'now'],
    [`v1,${'A'.repeat(43)}=`, 'msg_1', '0x10'],
    [`v1,${'A'.repeat(43)}=`, 'msg_1', ''],
  ])('V8: %j %j %j is malformed', (signature, id, seconds) => {
    expect(polar(standardHeaders(signature, id, seconds))).toMatchObject({ valid: false, reason: 'malformed' });
  });

  test('V8: each header has to be there', () => {
    const all = standardHeaders(standardMac(KEY, 'msg_1', SECONDS, BODY));
    for (const at of [0, 2, 4]) expect(polar(all.toSpliced(at, 2))).toMatchObject({ reason: 'missing' });
  });

  test('V8: an empty, short or mangled secret proves nothing', () => {
    const forged = (key: Buffer | string) => standardHeaders(standardMac(key, 'msg_1', SECONDS, BODY));
    expect(polar(forged(Buffer.alloc(0)), 'whsec_').valid).toBe(false);
    expect(polar(forged(''), '').valid).toBe(false);
    expect(polar(forged(Buffer.alloc(3)), `whsec_${Buffer.alloc(3).toString('base64')}`).valid).toBe(false);
    // The decoder of Node skips the stars, and would come to the right key.
    expect(polar(forged(KEY), POLAR_SECRET.replace('whsec_', 'whsec_**')).valid).toBe(false);
  });
});

test('V8: a type that signs nothing is a mistake of ours', () => {
  expect(() => verifyWebhook(types.get('stripe')!, {}, [], BODY, NOW)).toThrow('signs no webhooks');
});

describe('V8: the same delivery once more', () => {
  const delivery = () => {
    const verdict = stripe(signedStripe());
    if (!verdict.valid) throw new Error(verdict.detail);
    return verdict;
  };

  test('V8: passes once for an endpoint, and is refused for as long as its signature would be good', () => {
    const memory = new ReplayMemory();
    const { deliveryKey, acceptableUntilMs } = delivery();
    const claim = (credentialId: string, nowMs: number) =>
      memory.claim(credentialId, deliveryKey, acceptableUntilMs, nowMs);
    expect(claim('cred_a', NOW)).toBe(true);
    expect(claim('cred_a', NOW)).toBe(false);
    expect(claim('cred_b', NOW)).toBe(true);
    let lastValidMs = NOW;
    for (let ms = NOW; stripe(signedStripe(), BODY, {}, ms).valid; ms += 1000) lastValidMs = ms + 999;
    expect(claim('cred_a', lastValidMs)).toBe(false);
  });

  test('V8: with its signatures in another order or beside others it is the same delivery', () => {
    const fits = stripeMac(STRIPE_SECRET, SECONDS, BODY);
    const verdict = stripe(`t=${SECONDS},v1=${'0'.repeat(64)},v1=${fits}`);
    expect(verdict).toMatchObject({ valid: true, deliveryKey: delivery().deliveryKey });
  });

  test('V8: an event that the vendor sends again passes, with the same event id', () => {
    const again = stripe(signedStripe(SECONDS + 60));
    if (!again.valid) throw new Error(again.detail);
    expect(again.eventId).toBe(delivery().eventId);
    expect(again.deliveryKey).not.toBe(delivery().deliveryKey);
  });

  test('V8: the memory is bounded and forgets what is over', () => {
    const memory = new ReplayMemory();
    for (let at = 0; at < 100_100; at += 1) expect(memory.claim('cred_a', `k${at}`, NOW + 1000, NOW)).toBe(true);
    expect(memory.claim('cred_a', 'k100099', NOW + 1000, NOW)).toBe(false);
    expect(memory.claim('cred_a', 'k100099', NOW + 3000, NOW + 1000)).toBe(true);
  });
});
