import { describe, expect, test } from 'vitest';
import { AskAnswer } from '../../../src/contract/ask.js';
import { FEES, openModelDesk, QUESTION, WIRES } from './desk.js';

describe.each(WIRES)('$name', (wire) => {
  test('Q2: answers in prose over the passages, with citations that are in the files', async () => {
    const desk = await openModelDesk(wire);
    const answer = await desk.ask();
    expect(answer.status, answer.text).toBe(200);
    const { citations, ...told } = AskAnswer.parse(answer.json);
    expect(told).toMatchObject({
      status: 'completed',
      answer: 'The fee is capped [1].',
      model: wire.usualModel,
      credentialId: desk.credentialId,
      droppedCitations: 0,
    });
    expect(citations).toHaveLength(1);
    expect(citations[0]).toMatchObject({ number: 1, path: 'src/fees.ts', cited: true });
    expect(FEES).toContain(citations[0]?.text);
    expect(desk.provider.faults).toEqual([]);
  });

  test('Q2, V6: the key comes in its own header and nowhere else; no tools are offered', async () => {
    const desk = await openModelDesk(wire);
    await desk.ask();
    const seen = desk.provider.seen.at(-1);
    const [name, value] = wire.keyHeader;
    expect(seen?.headers[name]).toBe(value);
    expect(JSON.stringify({ ...seen?.headers, [name]: '' })).not.toContain('put-in-later');
    expect(seen?.text).not.toContain(wire.secret);
    expect(seen?.path).not.toContain(wire.secret);
    expect(desk.provider.read.at(-1)).toMatchObject({ hasTools: false });
  });

  test('V4: every opening is audited before use: who, which, for what, to which host', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = async ({ seen, say }) => {
      const { json } = await desk.gate.local('/api/audit?limit=20');
      const line = json.data.find(({ action }: { action: string }) => action === 'credential.open');
      expect(line).toMatchObject({ target: desk.credentialId, detail: { purpose: 'ask', host: seen.host } });
      expect(line.actor).toMatch(/^key_/);
      say('It is capped [1].');
    };
    expect((await desk.ask()).status).toBe(200);
    expect(desk.provider.faults).toEqual([]);
  });

  test('Q2: tokens are told as the provider counted them, and what they cost where that is certain', async () => {
    const desk = await openModelDesk(wire);
    const { usage } = (await desk.ask()).json;
    expect(usage).toMatchObject({ inputTokens: 900, outputTokens: 30 });
    const isOwn = 'baseUrl' in wire.fields;
    expect(usage?.costUsd === null).toBe(isOwn);
    expect((await desk.ask({ model: 'some-new-model' })).json.usage?.costUsd).toBeNull();
  });

  test('Q2: the model that is named is asked', async () => {
    const desk = await openModelDesk(wire);
    expect((await desk.ask({ model: 'named-model' })).json.model).toBe('named-model');
    expect(desk.provider.read.at(-1)?.model).toBe('named-model');
  });

  test('Q2: a follow-up tells the model what was asked and answered before', async () => {
    const desk = await openModelDesk(wire);
    const { jobId } = (await desk.ask()).json;
    desk.provider.answer = ({ say }) => say('Members pay the same [1].');
    const next = await desk.ask({ question: 'And for members?', previousJobId: jobId });
    expect(next.status, next.text).toBe(200);
    const turns = desk.provider.read.at(-1)?.turns ?? [];
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(turns[0]?.text).toContain(QUESTION);
    expect(turns[1]?.text).toContain('The fee is capped [1].');
    expect(turns[2]?.text).toContain('And for members?');
    expect(turns[2]?.text).toContain('Math.min(days * 25, 1500)');
    const third = await desk.ask({ question: 'Why?', previousJobId: next.json.jobId });
    expect(third.status).toBe(200);
    expect(desk.provider.read.at(-1)?.turns).toHaveLength(5);
  });

  test('Q2: an answer that reached its limit says so', async () => {
    const desk = await openModelDesk(wire);
    desk.provider.answer = ({ begin, response, write }) => {
      begin();
      write(wire.piece('It goes on and on [1]'));
      response.end(wire.cut({ input: 900, output: 16_000 }));
    };
    expect((await desk.ask()).json.answer).toMatch(/^It goes on and on \[1\]\n\n\(The answer ends here/);
  });
});
