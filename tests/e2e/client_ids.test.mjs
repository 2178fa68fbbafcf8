// Client ids: a retry gets the first one's answer and has no second effect.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, history, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
});
after(() => server.close());

test('a retry is answered with the first message', async () => {
    const room = await makeRoom(server, ann.token);
    const first = await post(server, ann.token, room.id, 'once', 'retry-1');
    for (let n = 0; n < 3; n++)
        assert.deepEqual(await post(server, ann.token, room.id, 'once', 'retry-1'), first);
    assert.deepEqual(await history(server, ann.token, room.id), [first]);
});

test('it is the same id on REST, in the header Idempotency-Key and on the WebSocket', async () => {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    const first = await client.post(room.id, 'once', 'retry-2');
    assert.deepEqual(await post(server, ann.token, room.id, 'once', 'retry-2'), first);
    assert.deepEqual(await must(server, 'POST', `/v1/rooms/${room.id}/messages`, {
        token: ann.token, body: { text: 'once' }, headers: { 'idempotency-key': 'retry-2' },
    }), first);
    assert.equal((await history(server, ann.token, room.id)).length, 1);
    await client.close();
});

test('of many retries in flight at once one takes effect and all get its answer', async () => {
    const room = await makeRoom(server, ann.token);
    const clients = await Promise.all([1, 2, 3].map(() => Native.open(server, ann.token)));
    const answers = await Promise.all(clients.flatMap((client) =>
        Array.from({ length: 10 }, () => client.post(room.id, 'all at once', 'retry-3'))));
    const [message] = await history(server, ann.token, room.id);
    for (const answer of answers)
        assert.deepEqual(answer, message);
    assert.equal((await history(server, ann.token, room.id)).length, 1);
    await Promise.all(clients.map((client) => client.close()));
});

test('a retry fans out to nobody', async () => {
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: bob.token, body: {} });
    const listener = await Native.open(server, bob.token);
    await post(server, ann.token, room.id, 'once', 'retry-4');
    await post(server, ann.token, room.id, 'once', 'retry-4');
    await post(server, ann.token, room.id, 'after it', 'retry-5');
    await listener.heardText('after it');
    assert.deepEqual(listener.texts(room.id), ['once', 'after it']);
    await listener.close();
});

test('the same id with other content or another room is refused', async () => {
    const [room, other] = await Promise.all([1, 2].map(() => makeRoom(server, ann.token)));
    await post(server, ann.token, room.id, 'first', 'reused');
    for (const [target, text] of [[room, 'second'], [other, 'first']]) {
        const error = await refused(server, 'client_id_reused', 'POST',
            `/v1/rooms/${target.id}/messages`,
            { token: ann.token, body: { text, client_id: 'reused' } });
        assert.equal(error.status, 409);
        assert.equal(error.retryable, false);
    }
    const client = await Native.open(server, ann.token);
    await assert.rejects(client.post(room.id, 'second', 'reused'), { name: 'client_id_reused' });
    await client.close();
    assert.equal((await history(server, ann.token, room.id)).length, 1);
    assert.equal((await history(server, ann.token, other.id)).length, 0);
});

test('ids belong to their sender and to the kind of command', async () => {
    const room = await makeRoom(server, ann.token);
    const a = await post(server, ann.token, room.id, 'from ann', 'shared');
    const b = await post(server, bob.token, room.id, 'from bob', 'shared');
    assert.notEqual(a.id, b.id);
    const make = () => must(server, 'POST', '/v1/rooms', {
        token: ann.token, body: { kind: 'open' }, headers: { 'idempotency-key': 'shared' },
    });
    assert.deepEqual(await make(), await make());
});

test('messages without a client id are sent each time', async () => {
    const room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'again');
    await post(server, ann.token, room.id, 'again');
    assert.equal((await history(server, ann.token, room.id)).length, 2);
});

test('a refused try leaves its id free', async () => {
    const room = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room.id}/messages`;
    await refused(server, 'invalid', 'POST', path, {
        token: ann.token, body: { text: '', client_id: 'second-try' },
    });
    await post(server, ann.token, room.id, 'good now', 'second-try');
});

test('a client id has 1 to 64 bytes', async () => {
    const room = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room.id}/messages`;
    await post(server, ann.token, room.id, 'longest', 'x'.repeat(64));
    await refused(server, 'invalid', 'POST', path, {
        token: ann.token, body: { text: 'too long', client_id: 'x'.repeat(65) },
    });
    const { status } = await call(server, 'POST', path, {
        token: ann.token, body: { text: 'x' }, headers: { 'idempotency-key': 'x'.repeat(65) },
    });
    assert.equal(status, 400);
});

test('one finds one\'s own message by its client id, and nobody else\'s', async () => {
    const room = await makeRoom(server, ann.token);
    const first = await post(server, ann.token, room.id, 'once', 'find-me');
    const [mine, theirs] = [await Native.open(server, ann.token), await Native.open(server, bob.token)];
    const sent = async (client, client_id) =>
        (await client.request('message.sent', { client_id })).body.messages;
    assert.deepEqual(await sent(mine, 'find-me'), [first]);
    assert.deepEqual(await sent(mine, 'never-sent'), []);
    assert.deepEqual(await sent(theirs, 'find-me'), []);
    await assert.rejects(mine.request('message.sent', { client_id: '' }), { name: 'invalid' });
    await Promise.all([mine.close(), theirs.close()]);
});

test('ids are remembered over a restart and a kill', async () => {
    const room = await makeRoom(server, ann.token);
    const first = await post(server, ann.token, room.id, 'once', 'for-good');
    await server.restart();
    assert.deepEqual(await post(server, ann.token, room.id, 'once', 'for-good'), first);
    await server.kill();
    await server.launch();
    assert.deepEqual(await post(server, ann.token, room.id, 'once', 'for-good'), first);
    await refused(server, 'client_id_reused', 'POST', `/v1/rooms/${room.id}/messages`, {
        token: ann.token, body: { text: 'other', client_id: 'for-good' },
    });
    assert.deepEqual(await history(server, ann.token, room.id), [first]);
});
