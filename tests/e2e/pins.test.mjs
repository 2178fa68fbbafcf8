// Pins: by whom, how many, and what becomes of them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
});
after(() => server.close());

const path = (room, seq) => `/v1/rooms/${room}/messages/${seq}/pin`;
const pins = async (room, who) =>
    (await must(server, 'GET', `/v1/rooms/${room}/pins`, who)).messages.map(({ seq }) => seq);

test('owners pin and unpin, and all hear of it', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const client = await Native.open(server, bob.token);
    for (const text of ['one', 'two', 'three'])
        await client.post(room, text);
    const pinned = await must(server, 'PUT', path(room, 3), ann);
    assert.ok(pinned.pinned > 0);
    const { body } = await client.heard(({ type }) => type === 'message.pinned');
    assert.deepEqual(body, { room, seq: 3, by: ann.id, on: true });
    await must(server, 'PUT', path(room, 1), ann);
    assert.deepEqual(await pins(room, bob), [1, 3]);

    await refused(server, 'forbidden', 'PUT', path(room, 2), bob);
    await refused(server, 'forbidden', 'DELETE', path(room, 1), bob);
    await assert.rejects(client.request('message.pin', { room, seq: 2 }), { name: 'forbidden' });
    await refused(server, 'not_found', 'PUT', path(room, 4), ann);
    const owner = await Native.open(server, ann.token);
    assert.equal((await owner.request('message.unpin', { room, seq: 1 })).body.pinned, undefined);
    assert.deepEqual((await owner.request('room.pins', { room })).body.messages.map((m) => m.seq),
        [3]);
    await must(server, 'DELETE', `/v1/rooms/${room}/messages/3`, ann);
    assert.deepEqual(await pins(room, bob), []);
    await refused(server, 'invalid', 'PUT', path(room, 3), ann);
    await Promise.all([owner.close(), client.close()]);
});

test('in a direct room both pin; nobody else sees it', async () => {
    const eve = await signUp(server, 'eve');
    const { id: room } = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    await post(server, ann.token, room, 'ours');
    await must(server, 'PUT', path(room, 1), bob);
    await must(server, 'DELETE', path(room, 1), ann);
    await refused(server, 'not_found', 'PUT', path(room, 1), eve);
    await refused(server, 'not_found', 'DELETE', path(room, 1), eve);
    await refused(server, 'not_found', 'GET', `/v1/rooms/${room}/pins`, eve);
});

test('a room has at most 100 pins', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    for (let n = 1; n <= 101; n++)
        await client.post(room, `${n}`);
    for (let seq = 1; seq <= 100; seq++)
        await client.request('message.pin', { room, seq });
    await refused(server, 'too_many', 'PUT', path(room, 101), ann);
    await must(server, 'PUT', path(room, 5), ann); // it is pinned
    await client.close();
});
