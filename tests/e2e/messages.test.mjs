// Messages and the history of a room: sequence, content, paging both ways.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann', { username: 'Ann A.' });
    bob = await signUp(server, 'bob');
});
after(() => server.close());

const seqs = (messages) => messages.map((message) => message.seq);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

async function filledRoom(count) {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    await Promise.all(range(1, count).map((n) => client.post(room.id, `message ${n}`)));
    await client.close();
    return room;
}

test('a message says who, where, when and what', async () => {
    const room = await makeRoom(server, ann.token);
    const { status, body: message } = await call(server, 'POST', `/v1/rooms/${room.id}/messages`, {
        token: ann.token, body: { text: 'hello', client_id: 'a1' },
    });
    assert.equal(status, 201);
    const { id, time, ...rest } = message;
    assert.deepEqual(rest, {
        room: room.id, seq: 1, sender: ann.id, login: 'ann', username: 'Ann A.', text: 'hello',
        client_id: 'a1',
    });
    assert.ok(Number.isInteger(id) && id > 0);
    assert.ok(Math.abs(time / 1000 - Date.now()) < 60_000, 'time in µs');
    assert.deepEqual(await history(server, ann.token, room.id), [message]);
});

test('the client id is shown to the sender only', async () => {
    const room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'mine', 'secret-id');
    const [seen] = await history(server, bob.token, room.id);
    assert.ok(!seen.client_id, `not ${seen.client_id}`);
    const [own] = await history(server, ann.token, room.id);
    assert.equal(own.client_id, 'secret-id');
});

test('each room counts its own messages from 1; message ids are unique over all', async () => {
    const rooms = await Promise.all([1, 2, 3].map(() => makeRoom(server, ann.token)));
    const posted = [];
    for (let n = 0; n < 9; n++)
        posted.push(await post(server, ann.token, rooms[n % 3].id, `number ${n}`));
    for (const room of rooms) {
        const messages = await history(server, bob.token, room.id);
        assert.deepEqual(seqs(messages), [1, 2, 3]);
        assert.equal((await must(server, 'GET', `/v1/rooms/${room.id}`, ann)).seq, 3);
    }
    assert.equal(new Set(posted.map((message) => message.id)).size, posted.length);
});

test('many senders at once get one gapless order', async () => {
    const room = await makeRoom(server, ann.token);
    const clients = await Promise.all(range(1, 8).map((n) =>
        Native.open(server, n % 2 ? ann.token : bob.token)));
    const posted = await Promise.all(clients.flatMap((client, c) =>
        range(1, 25).map((n) => client.post(room.id, `client ${c} message ${n}`))));
    const messages = await history(server, bob.token, room.id, '?limit=1000');
    assert.deepEqual(seqs(messages), range(1, 200));
    const bySeq = new Map(posted.map((message) => [message.seq, message.text]));
    for (const message of messages)
        assert.equal(message.text, bySeq.get(message.seq));
    await Promise.all(clients.map((client) => client.close()));
});

test('without before and after the newest page comes, oldest first', async () => {
    const room = await filledRoom(60);
    assert.deepEqual(seqs(await history(server, bob.token, room.id)), range(11, 60));
    assert.deepEqual(seqs(await history(server, bob.token, room.id, '?limit=7')), range(54, 60));
});

test('paging backwards and forwards meets every message once', async () => {
    const room = await filledRoom(60);
    const backwards = [];
    for (let page; (page = await history(server, bob.token, room.id,
        `?limit=7&before=${backwards[0]?.seq ?? 61}`)).length > 0;)
        backwards.unshift(...page);
    assert.deepEqual(seqs(backwards), range(1, 60));
    const forwards = [];
    for (let page; (page = await history(server, bob.token, room.id,
        `?limit=7&after=${forwards.at(-1)?.seq ?? 0}`)).length > 0;)
        forwards.push(...page);
    assert.deepEqual(forwards, backwards);
    assert.deepEqual(seqs(await history(server, bob.token, room.id, '?after=58')), [59, 60]);
    assert.deepEqual(await history(server, bob.token, room.id, '?after=60'), []);
    assert.deepEqual(await history(server, bob.token, room.id, '?before=1'), []);
});

test('a page is found by a message in its middle, or by a time', async () => {
    const room = await filledRoom(60);
    assert.deepEqual(seqs(await history(server, bob.token, room.id, '?around=30&limit=10')),
        range(25, 34));
    assert.deepEqual(seqs(await history(server, bob.token, room.id, '?around=59&limit=10')),
        range(54, 60));
    assert.deepEqual(seqs(await history(server, bob.token, room.id, '?around=2&limit=10')),
        range(1, 10));
    const [, , third] = await history(server, bob.token, room.id, '?after=0');
    const since = await history(server, bob.token, room.id, `?since=${third.time}&limit=5`);
    assert.ok(since[0].seq <= 3 && since[0].time === third.time);
    assert.equal(since.length, 5);
    const late = (Date.now() + 60_000) * 1000;
    assert.deepEqual(await history(server, bob.token, room.id, `?since=${late}`), []);
    for (const query of ['around=0x', 'around=5&before=9', 'since=yesterday'])
        await refused(server, 'invalid', 'GET', `/v1/rooms/${room.id}/messages?${query}`, bob);
    const client = await Native.open(server, bob.token);
    const { body } = await client.request('room.history', { room: room.id, around: 30, limit: 2 });
    assert.deepEqual(seqs(body.messages), [29, 30]);
    await client.close();
});

test('the id of a page is a message\'s of that room', async () => {
    const [here, there] = [await makeRoom(server, ann.token), await makeRoom(server, ann.token)];
    const [first, last] = [await post(server, ann.token, here.id, 'one'),
        await post(server, ann.token, here.id, 'two')];
    const path = (room, id) => `/v1/rooms/${room.id}/messages?before_id=${id}`;
    const { messages } = await must(server, 'GET', path(here, last.id), ann);
    assert.deepEqual(messages, [first]);
    await post(server, ann.token, there.id, 'three');
    const error = await refused(server, 'invalid', 'GET', path(there, first.id), ann);
    assert.equal(error.detail, '`before_id`: is no message of this room');
});

test('a page of 10,000 is the largest', async () => {
    const room = await filledRoom(3);
    assert.equal((await history(server, bob.token, room.id, '?limit=10000')).length, 3);
    for (const query of ['limit=0', 'limit=10001', 'limit=-5', 'limit=ten', 'before=x', 'after=x'])
        await refused(server, 'invalid', 'GET', `/v1/rooms/${room.id}/messages?${query}`, bob);
});

test('texts come back byte for byte', async () => {
    const room = await makeRoom(server, ann.token);
    const texts = [
        'plain', 'Grüße, 你好, مرحبا',
        '👩‍👩‍👧‍👦 and 🏳️‍🌈', '"quoted" \\ back / slash', 'two\nlines\ttab\r',
        '<b>not ours to escape</b> & so on', '\u2028 and \u2029', '\ufeff bom', ' ',
        'é versus e\u0301',
        '\u0001\u001f controls', '0', 'null', '{"json":true}',
    ];
    for (const text of texts)
        assert.equal((await post(server, ann.token, room.id, text)).text, text);
    const messages = await history(server, bob.token, room.id);
    assert.deepEqual(messages.map((message) => message.text), texts);
});

test('a text has 1 to 16,384 characters', async () => {
    const room = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room.id}/messages`;
    const longest = '€'.repeat(16_384);
    assert.equal((await post(server, ann.token, room.id, longest)).text, longest);
    for (const text of ['', longest + 'x', 'x'.repeat(16_385)])
        await refused(server, 'invalid', 'POST', path, { token: ann.token, body: { text } });
    assert.equal((await history(server, ann.token, room.id)).length, 1);
});

test('what is acknowledged is in the very next answer, whoever asks', async () => {
    const room = await makeRoom(server, ann.token);
    const reader = await Native.open(server, bob.token);
    const writer = await Native.open(server, ann.token);
    for (let n = 1; n <= 50; n++) {
        const message = await writer.post(room.id, `now ${n}`);
        const { body, as_of } = await reader.request('room.history', { room: room.id, limit: 1 });
        assert.equal(body.messages[0].id, message.id);
        assert.ok(Number.isInteger(as_of));
        assert.equal((await history(server, bob.token, room.id, '?limit=1'))[0].seq, n);
    }
    await Promise.all([reader.close(), writer.close()]);
});
