// The native WebSocket: welcome, commands and replies, events, order, several connections.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, post, signUp } from './client.mjs';
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

const join = (room, { token }) =>
    must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
const closeAll = (...clients) => Promise.all(clients.map((client) => client.close()));

test('the first frame is the welcome', async () => {
    const client = await Native.open(server, ann.token);
    assert.equal(client.welcome.type, 'welcome');
    assert.ok(Number.isInteger(client.welcome.as_of));
    assert.equal(client.welcome.body.account, ann.id);
    assert.equal(client.welcome.body.session, ann.session);
    await client.close();
});

test('the token may come in the header; the subprotocol is answered', async () => {
    const client = new Native(`${server.socketUrl}/v1/ws`, {
        headers: { authorization: `Bearer ${ann.token}` }, protocol: 'kith.v1.json',
    });
    await client.welcomed;
    assert.equal(client.socket.protocol, 'kith.v1.json');
    await client.close();
});

test('every command and query of the API is answered by its number', async () => {
    const client = await Native.open(server, ann.token);
    const { body: room } = await client.request('room.create', { kind: 'open', name: 'ws' });
    const { body: secret } = await client.request('room.create', { kind: 'private' });
    const { body: direct } = await client.request('room.direct', { account: bob.id });
    assert.equal(direct.kind, 'direct');
    const { body: added } = await client.request('room.join', {
        room: secret.id, account: bob.id,
    });
    assert.equal(added.account, bob.id);
    const message = await client.post(room.id, 'over the socket');
    assert.equal(message.seq, 1);
    const { body: page } = await client.request('room.history', { room: room.id });
    assert.deepEqual(page.messages, [message]);
    assert.equal((await client.request('room.get', { room: room.id })).body.seq, 1);
    const { body: { members } } = await client.request('room.members', { room: secret.id });
    assert.equal(members.length, 2);
    const { body: { rooms } } = await client.request('room.list', { limit: 1000 });
    assert.deepEqual(rooms.map(({ id }) => id).filter((id) => id >= room.id),
        [room.id, secret.id, direct.id]);
    assert.equal((await client.request('account.get')).body.login, 'ann');
    assert.equal((await client.request('account.get', { account: bob.id })).body.login, 'bob');
    assert.ok((await client.request('account.list')).body.accounts.length >= 2);
    await client.request('room.leave', { room: room.id });
    await client.close();
});

test('numbers from 0 to 2^53 - 1 are given back as they were', async () => {
    const client = await Native.open(server, ann.token);
    for (const id of [0, 1, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
        client.nextId = id;
        const reply = await client.request('account.get');
        assert.equal(reply.id, id);
        assert.equal(reply.type, 'reply');
        assert.ok(Number.isInteger(reply.as_of));
    }
    await client.close();
});

test('a refused command gets an error with its number, and the connection goes on', async () => {
    const client = await Native.open(server, ann.token);
    await assert.rejects(client.post(999_999, 'x'), { name: 'not_found', status: 404 });
    await assert.rejects(client.request('no.such.thing'), { name: 'unknown_type', status: 400 });
    await assert.rejects(client.request('room.post', { room: 1 }), { name: 'invalid' });
    await client.request('account.get');
    await client.close();
});

test('commands that are for edges, brokers and operators are not for people', async () => {
    const client = await Native.open(server, ann.token);
    for (const [type, body] of [
        ['presence.set', { account: bob.id, online: true }], ['presence.gone', { peer: 1 }],
        ['presence.announce', { accounts: [bob.id] }], ['session.ended', {}],
        ['bus.read', { from: 1 }], ['bus.subscribe', { prefix: '' }], ['bus.status', {}],
        ['bus.hello', { role: 'operator' }],
    ]) {
        await assert.rejects(client.request(type, body), (error) =>
            ['forbidden', 'unknown_type'].includes(error.name), type);
    }
    await client.close();
});

test('all in the room hear a message, the sender too, once on each connection', async () => {
    const room = await makeRoom(server, ann.token);
    await join(room.id, bob);
    const clients = await Promise.all([ann, ann, bob, bob].map(({ token }) =>
        Native.open(server, token)));
    const message = await clients[0].post(room.id, 'to all', 'all-1');
    for (const client of clients) {
        const event = await client.heardText('to all');
        const own = client.welcome.body.account === ann.id;
        const { client_id, ...shown } = event.body.message;
        assert.deepEqual(own ? event.body.message : { ...shown, client_id: 'all-1' }, message);
        assert.ok(own || !client_id, 'the client id is the sender\'s own affair');
        assert.equal(event.type, 'room.posted');
        assert.equal(event.time, message.time);
        assert.ok(event.seq > client.welcome.as_of);
    }
    await post(server, ann.token, room.id, 'the end');
    for (const client of clients) {
        await client.heardText('the end');
        assert.deepEqual(client.texts(room.id), ['to all', 'the end']);
    }
    await closeAll(...clients);
});

test('who is not in a room hears nothing of it', async () => {
    const secret = await makeRoom(server, ann.token, 'private');
    const open = await makeRoom(server, ann.token);
    const listener = await Native.open(server, bob.token);
    await post(server, ann.token, secret.id, 'not for bob');
    await post(server, ann.token, open.id, 'not for bob either');
    const fence = await makeRoom(server, bob.token);
    await post(server, bob.token, fence.id, 'fence');
    await listener.heardText('fence');
    assert.deepEqual([...listener.texts(secret.id), ...listener.texts(open.id)], []);
    await listener.close();
});

test('from the reply to a join on, its connections hear the room', async () => {
    const room = await makeRoom(server, ann.token);
    const [first, second] = await Promise.all([1, 2].map(() => Native.open(server, bob.token)));
    await first.request('room.join', { room: room.id });
    await post(server, ann.token, room.id, 'welcome in');
    for (const client of [first, second]) {
        await client.heardText('welcome in');
        assert.ok(client.events.some((event) => event.type === 'room.joined'
            && event.body.member.room === room.id && event.body.member.account === bob.id));
    }
    await closeAll(first, second);
});

test('whoever is added to a private room hears it from then on', async () => {
    const room = await makeRoom(server, ann.token, 'private');
    const listener = await Native.open(server, bob.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    await post(server, ann.token, room.id, 'for members');
    await listener.heardText('for members');
    await listener.close();
});

test('who has left hears no more', async () => {
    const room = await makeRoom(server, ann.token);
    const listener = await Native.open(server, bob.token);
    await listener.request('room.join', { room: room.id });
    await post(server, ann.token, room.id, 'while here');
    await listener.heardText('while here');
    await listener.request('room.leave', { room: room.id });
    await post(server, ann.token, room.id, 'after leaving');
    const fence = await makeRoom(server, bob.token);
    await post(server, bob.token, fence.id, 'fence');
    await listener.heardText('fence');
    assert.deepEqual(listener.texts(room.id), ['while here']);
    await listener.close();
});

test('who posts in an open room hears it from then on', async () => {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, bob.token);
    await client.post(room.id, 'passing by');
    await post(server, ann.token, room.id, 'an answer');
    await client.heardText('an answer');
    await client.close();
});

test('all connections hear all rooms in one order, the journal\'s', async () => {
    const rooms = await Promise.all([1, 2, 3].map(() => makeRoom(server, ann.token)));
    for (const room of rooms)
        await join(room.id, bob);
    const clients = await Promise.all([ann, bob, ann, bob].map(({ token }) =>
        Native.open(server, token)));
    await Promise.all(clients.flatMap((client, c) => Array.from({ length: 50 }, (_, n) =>
        client.post(rooms[n % 3].id, `${c}:${n}`))));
    await post(server, ann.token, rooms[0].id, 'the end');
    const orders = await Promise.all(clients.map(async (client) => {
        await client.heardText('the end');
        const seqs = client.events.filter(({ seq }) => seq !== undefined).map(({ seq }) => seq);
        assert.deepEqual(seqs, [...new Set(seqs)].sort((a, b) => a - b), 'ascending, each once');
        for (const room of rooms) {
            const inRoom = client.messages(room.id).map(({ seq }) => seq);
            assert.deepEqual(inRoom, inRoom.map((_, n) => n + 1), 'gapless');
        }
        return client.events.filter(({ type }) => type === 'room.posted')
            .map(({ seq, body }) => `${seq} ${body.message.text}`);
    }));
    for (const order of orders)
        assert.deepEqual(order, orders[0]);
    await closeAll(...clients);
});

test('what one sends on one connection is done in that order', async () => {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    const messages = await Promise.all(Array.from({ length: 200 }, (_, n) =>
        client.post(room.id, `number ${n + 1}`)));
    assert.deepEqual(messages.map(({ seq }) => seq), messages.map((_, n) => n + 1));
    await client.close();
});

test('a message of three fragments and a ping between them is one message', async () => {
    const room = await makeRoom(server, ann.token);
    const client = await Native.open(server, ann.token);
    const frame = JSON.stringify({
        id: 1, type: 'room.post', body: { room: room.id, text: 'in ünequal parts 🧩' },
    });
    const bytes = Buffer.from(frame);
    const answer = new Promise((resolve, reject) => client.pending.set(1, { resolve, reject }));
    const pong = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.send(bytes.subarray(0, 9), { fin: false, binary: false });
    client.socket.ping('between');
    client.socket.send(bytes.subarray(9, bytes.length - 6), { fin: false });
    client.socket.send(bytes.subarray(bytes.length - 6), { fin: true });
    assert.equal((await answer).body.text, 'in ünequal parts 🧩');
    assert.equal(String(await pong), 'between');
    await client.close();
});

test('the largest frame of 64 KiB is taken', async () => {
    const client = await Native.open(server, ann.token);
    const bare = JSON.stringify({ id: 1, type: 'account.get', body: {} });
    const answer = new Promise((resolve, reject) => client.pending.set(1, { resolve, reject }));
    client.socket.send(bare + ' '.repeat(65_536 - bare.length));
    assert.equal((await answer).body.login, 'ann');
    await client.close();
});

test('a close is answered with the same code', async () => {
    const client = await Native.open(server, ann.token);
    client.socket.close(1000, 'bye');
    assert.equal((await client.closed).code, 1000);
});

test('a GET of the WebSocket\'s path without an upgrade is an error, not a hang', async () => {
    const { status, body } = await call(server, 'GET', '/v1/ws', { token: ann.token });
    assert.ok(status >= 400 && status < 500, String(status));
    assert.ok(body.error.message);
});
