// The checker must see what it is there to see: good evidence passes, each planted fault does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FAULTS, planted } from './faults.mjs';
import { Judge, judgeRun } from './judge.mjs';

const ROOMS = [1, 2, 3];
const READERS = ['native-0', 'native-1'];
const MESSAGES = 300;

/** Evidence of a run in which all went well: a crash at two thirds, then resumes. */
function goodEvidence() {
    const ledger = [];
    const histories = ROOMS.map((room) => ({ room, messages: [] }));
    const readers = READERS.map((name) => ({
        name, rows: [['rooms', ROOMS], ['open', null, null]],
    }));
    for (let n = 1; n <= MESSAGES; n++) {
        const { room, messages } = histories[n % ROOMS.length];
        const message = { seq: messages.length + 1, id: n, text: `m${n}`, sender: 7, room };
        ledger.push(['send', message.text, room, 7, `c${n}`]);
        ledger.push(['ack', message.text, message.seq, message.id]);
        messages.push(message);
        readers.forEach(({ rows }) => {
            if (n === MESSAGES * 2 / 3)
                rows.push(['open', 10 * n - 10, true]);
            rows.push(['seen', 10 * n, room, message.seq, n, message.text]);
        });
    }
    return { ledger, histories, readers };
}

test('good evidence passes', () => {
    assert.deepEqual(judgeRun(goodEvidence()).violations, []);
});

for (const name of Object.keys(FAULTS)) {
    test(`it is reported if ${name}`, () => {
        assert.notDeepEqual(judgeRun(planted(goodEvidence(), name)).violations, []);
    });
}

test('evidence may come in rounds', () => {
    const { ledger, histories, readers } = goodEvidence();
    const judge = new Judge();
    const half = MESSAGES;
    ledger.slice(0, half).forEach((row) => judge.addLedger(row));
    histories.forEach(({ room, messages }) => judge.addHistory(room, messages.slice(0, half / 6)));
    readers.forEach(({ name, rows }) => rows.forEach((row) => judge.addSeen(name, row)));
    judge.settleRound();
    assert.deepEqual(judge.violations, []);
    ledger.slice(half).forEach((row) => judge.addLedger(row));
    histories.forEach(({ room, messages }) => judge.addHistory(room, messages.slice(half / 6)));
    judge.settleRun();
    assert.deepEqual(judge.violations, []);
});

test('a loss before the next round is reported in that round', () => {
    const { ledger, histories } = goodEvidence();
    const judge = new Judge();
    ledger.forEach((row) => judge.addLedger(row));
    histories.forEach(({ room, messages }) => judge.addHistory(room, messages.slice(0, -1)));
    judge.settleRound();
    assert.equal(judge.violations.length, ROOMS.length);
});

test('a history that changes behind one\'s back is reported', () => {
    const { ledger, histories: [{ room, messages }] } = goodEvidence();
    const judge = new Judge();
    ledger.forEach((row) => judge.addLedger(row));
    judge.addHistory(room, messages);
    judge.recheck(room, messages.map((message) => ({ ...message })));
    assert.deepEqual(judge.violations, []);
    judge.recheck(room, [{ ...messages[3], text: 'rewritten' }]);
    assert.equal(judge.violations.length, 1);
});

test('a message sent after an acknowledgement must stand behind it', () => {
    const judge = new Judge();
    judge.addLedger(['send', 'first', 1, 7, 'a']);
    judge.addLedger(['ack', 'first', 2, 12]);
    judge.addLedger(['send', 'second', 1, 7, 'b']);
    judge.addHistory(1, [
        { seq: 1, id: 11, text: 'second', sender: 7 }, { seq: 2, id: 12, text: 'first', sender: 7 },
    ]);
    judge.settleRound();
    assert.match(judge.violations.join(), /sent after 2 was acknowledged/);
});
