// The promise in one scene: a stream of 10,000 messages from 50 senders that retry, two readers
// in the room, one on ChatAPI's WebSocket and one on the native one, and kill -9 in the middle.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Trial } from './trial.mjs';

const SENDERS = 50;
const EACH = 200;
const PLAN = {
    rooms: 1, senders: SENDERS, chatSenders: 0, readers: 1, chatReaders: 1, window: 8, quota: EACH,
};

test('10,000 messages, two dialects, one kill', (t) => Trial.run({ plan: PLAN }, async (trial) => {
    while (await trial.load.ask('acks') < SENDERS * EACH / 2)
        await sleep(1);
    await trial.kill();
    await trial.launch();
    trial.assertSound(await trial.round());
    const summary = await trial.verdict();
    t.diagnostic(JSON.stringify(summary));
    assert.equal(summary.acks, SENDERS * EACH);
    assert.equal(summary.resumed, 1);
}));
