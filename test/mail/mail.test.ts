import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { AuditEvent } from '../../src/audit/audit.js';
import { type Mail, type OutgoingLetter, openMail } from '../../src/mail/mail.js';
import { renderHtml, renderText } from '../../src/mail/render.js';
import { capturingLogger } from '../support/logs.js';
import { startMailbox } from '../support/mailbox.js';

const LETTER: OutgoingLetter = {
  to: 'ada@example.com',
  subject: 'A subject',
  paragraphs: ['First & <second>.'],
  link: { label: 'Go on', url: 'https://gate.example.com/reset#secret"x' },
  kind: 'reset',
  userId: 'usr_1',
};

const opened: Mail[] = [];
afterEach(() => Promise.all(opened.splice(0).map((mail) => mail.close())));

function mailTo(smtpUrl: string | null, publicUrl: string | null = 'https://gate.example.com') {
  const events: AuditEvent[] = [];
  const { log, text } = capturingLogger();
  const audit = { record: async (event: AuditEvent) => void events.push(event) };
  const mail = openMail({ smtpUrl, publicUrl, from: null, audit, log, retryAfterMs: [10, 10] });
  opened.push(mail);
  return { mail, events, logs: text };
}

test('A4: a letter arrives as text and HTML, from us, and is on record without its address', async () => {
  await using box = await startMailbox();
  const { mail, events } = mailTo(box.url);
  mail.send(LETTER);
  const letter = await box.letter(0);
  expect([letter.from, letter.to]).toEqual(['gatehouse@gate.example.com', ['ada@example.com']]);
  expect(letter.text).toContain('Subject: A subject');
  expect(letter.text).toContain('Auto-Submitted: auto-generated');
  await expect.poll(() => events).toHaveLength(1);
  expect(events[0]).toEqual({
    action: 'mail.send',
    actor: 'gatehouse',
    target: 'usr_1',
    outcome: 'ok',
    detail: { letter: 'reset', tries: 1 },
  });
});

test('A4: what a person wrote cannot become markup', () => {
  const html = renderHtml(LETTER, 'https://gate.example.com');
  expect(html).toContain('First &#38; &#60;second&#62;.');
  expect(html).toContain('href="https://gate.example.com/reset#secret&#34;x"');
  expect(html).not.toMatch(/<(img|style|script|link)/);
  expect(renderText(LETTER, 'https://gate.example.com')).toContain('Go on:\nhttps://gate.example.com/reset#secret"x');
});

test('A4: a server that is away is tried three times, then the failure is on record; no log names an address', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  const { mail, events, logs } = mailTo(`smtp://user:hunter2@127.0.0.1:${port}`);
  mail.send(LETTER);
  await expect.poll(() => events, { timeout: 5000 }).toHaveLength(1);
  expect(events[0]).toMatchObject({ outcome: 'failed', detail: { tries: 3 } });
  expect(logs().match(/a letter was not sent/g)).toHaveLength(3);
  expect(logs()).toContain('"syscall":"connect"');
  expect(logs()).not.toMatch(/hunter2|ada@example\.com|secret/);
});

test.each([
  [550, 1],
  [451, 3],
])('A4: a server that answers %i is tried %i times', async (code, tries) => {
  await using box = await startMailbox(code);
  const { mail, events, logs } = mailTo(box.url);
  mail.send(LETTER);
  await expect.poll(() => events, { timeout: 5000 }).toHaveLength(1);
  expect(events[0]).toMatchObject({ outcome: 'failed', detail: { tries } });
  expect(logs().match(/a letter was not sent/g)).toHaveLength(tries);
});

test('A4: without a server, or without an address to lead back to, nothing is sent and nothing fails', async () => {
  await using box = await startMailbox();
  for (const { mail } of [mailTo(null), mailTo(box.url, null)]) {
    expect(mail.available).toBe(false);
    mail.send(LETTER);
    await mail.close();
  }
  expect(box.letters).toEqual([]);
});

test('A4: a server that hangs holds neither the sender nor the stop', async () => {
  const hanging = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => hanging.once('listening', resolve));
  const { port } = hanging.address() as { port: number };
  const { mail, logs } = mailTo(`smtp://127.0.0.1:${port}`);
  const started = performance.now();
  for (let count = 0; count < 300; count += 1) mail.send(LETTER);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(logs().match(/a letter was dropped/g)).toHaveLength(100);
  await mail.close();
  expect(performance.now() - started).toBeLessThan(10_000);
  hanging.close();
});
