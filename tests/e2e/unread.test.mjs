// Read markers and unread counts: over REST and WebSocket, told to the room or to oneself.

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

async function roomWithBob(kind) {
    const { id } = await makeRoom(server, ann.token, kind);
    await must(server, 'POST', `/v1/rooms/${id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    return id;
}

const mark = (who, room, seq) =>
    must(server, 'PUT', `/v1/rooms/${room}/read`, { token: who.token, body: { seq } });
const unread = async (who, query) =>
    (await must(server, 'GET', `/v1/unread${query}`, who)).rooms;

test('unread is what came after the marker, which never goes back', async () => {
    const room = await roomWithBob('private');
    for (const text of ['one', 'two @bob', 'three @everyone', 'four'])
        await post(server, ann.token, room, text);
    assert.deepEqual(await unread(bob, `?room=${room}`),
        [{ room, seq: 4, read: 0, unread: 4, mentions: 2 }]);
    assert.deepEqual(await unread(ann, `?room=${room}`), // nobody has to read what they wrote
        [{ room, seq: 4, read: 4, unread: 0, mentions: 0 }]);

    const [device, owner] = await Promise.all([bob, ann].map(({ token }) =>
        Native.open(server, token)));
    const marker = await mark(bob, room, 2);
    const { time, ...rest } = marker;
    assert.deepEqual(rest, { room, account: bob.id, seq: 2 });
    assert.ok(Math.abs(time / 1000 - Date.now()) < 60_000);
    for (const client of [device, owner]) {
        const { body } = await client.heard(({ type }) => type === 'room.read');
        assert.deepEqual(body, { marker });
    }
    assert.deepEqual(await mark(bob, room, 1), marker);
    assert.equal((await unread(bob, `?room=${room}`))[0].mentions, 1);
    assert.equal((await device.request('room.read', { room, seq: 1000 })).body.seq, 4);
    const { body } = await device.request('room.unread', { room });
    assert.deepEqual(body.rooms, [{ room, seq: 4, read: 4, unread: 0, mentions: 0 }]);

    const { readers } = await must(server, 'GET', `/v1/rooms/${room}/readers`, ann);
    assert.deepEqual(readers.map(({ account, seq }) => [account, seq]),
        [[ann.id, 4], [bob.id, 4]]);
    const page = await owner.request('room.readers', { room, after: ann.id });
    assert.deepEqual(page.body.readers.map(({ account }) => account), [bob.id]);
    await Promise.all([device.close(), owner.close()]);
});

test('one\'s rooms are listed page by page', async () => {
    const cleo = await signUp(server, 'cleo');
    const rooms = [];
    for (let n = 0; n < 5; n++) {
        rooms.push((await makeRoom(server, cleo.token, 'open')).id);
        await post(server, bob.token, rooms[n], 'hello');
    }
    const first = await unread(cleo, '?limit=2');
    assert.deepEqual(first.map(({ room }) => room), rooms.slice(0, 2));
    const rest = await unread(cleo, `?after=${first[1].room}`);
    assert.deepEqual(rest.map(({ room, unread: count }) => [room, count]),
        rooms.slice(2).map((room) => [room, 1]));
});

test('only those in a room have a marker', async () => {
    const { id: open } = await makeRoom(server, ann.token);
    const { id: hidden } = await makeRoom(server, ann.token, 'private');
    const body = { seq: 1 };
    const path = (room) => `/v1/rooms/${room}/read`;
    await refused(server, 'forbidden', 'PUT', path(open), { token: bob.token, body });
    await refused(server, 'not_found', 'PUT', path(hidden), { token: bob.token, body });
    await refused(server, 'not_found', 'GET', `/v1/rooms/${hidden}/readers`, bob);
    await refused(server, 'not_found', 'GET', `/v1/unread?room=${hidden}`, bob);
    await refused(server, 'invalid', 'PUT', path(open), { token: ann.token, body: { seq: 0 } });
    await refused(server, 'invalid', 'GET', '/v1/unread?limit=251', bob);
});

test('what was said before one came is not unread', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    await post(server, ann.token, room, '@everyone');
    const dan = await signUp(server, 'dan');
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: dan.token, body: {} });
    await post(server, ann.token, room, 'and now');
    assert.deepEqual(await unread(dan, ''), [{ room, seq: 2, read: 1, unread: 1, mentions: 0 }]);
});

test('markers and counts outlive the server\'s crash', async () => {
    const room = await roomWithBob('private');
    await post(server, ann.token, room, '@bob');
    await post(server, ann.token, room, '@bob');
    await mark(bob, room, 1);
    await server.kill();
    await server.restart();
    assert.deepEqual(await unread(bob, `?room=${room}`),
        [{ room, seq: 2, read: 1, unread: 1, mentions: 1 }]);
});
