// Typing: said to those who listen now, and recorded nowhere.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann;
let bob;
let stranger;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    bob = await signUp(server, 'bob');
    stranger = await signUp(server, 'stranger');
});
after(() => server.close());

const closeAll = (...clients) => Promise.all(clients.map((client) => client.close()));
const typed = (client, test) => client.heard(
    ({ type, body }) => type === 'room.typing' && test(body), 'room.typing');
const privateRoom = async () => {
    const { id } = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${id}/members`, {
        token: ann.token, body: { account: bob.id },
    });
    return id;
};

test('those in the room see who is writing, for six seconds at most', async () => {
    const room = await privateRoom();
    const [anns, bobs, phone, others] = await Promise.all(
        [ann, bob, bob, stranger].map(({ token }) => Native.open(server, token)));
    assert.equal((await call(server, 'PUT', `/v1/rooms/${room}/typing`, {
        token: ann.token, body: { typing: true },
    })).status, 204);
    for (const client of [anns, bobs, phone]) {
        const event = await typed(client, ({ until }) => until > 0);
        assert.equal(event.seq, undefined);
        assert.equal(event.body.room, room);
        assert.equal(event.body.account, ann.id);
        const left = event.body.until / 1000 - Date.now();
        assert.ok(left > 0 && left <= 6_100, `until in ${left} ms`);
    }
    await anns.request('room.typing', { room });
    await typed(bobs, ({ until }) => !until);

    const other = await makeRoom(server, stranger.token);
    await post(server, stranger.token, other.id, 'fence');
    await others.heardText('fence');
    assert.ok(!others.events.some(({ type }) => type === 'room.typing'));
    await closeAll(anns, bobs, phone, others);
});

test('nothing of it comes with a resume', async () => {
    const room = await privateRoom();
    const bobs = await Native.open(server, bob.token);
    const since = bobs.lastSeq;
    await bobs.close();
    const anns = await Native.open(server, ann.token);
    await anns.request('room.typing', { room, typing: true });
    await typed(anns, () => true);
    await anns.post(room, 'done writing');
    const again = await Native.open(server, bob.token, { since });
    await again.heardText('done writing');
    assert.ok(!again.events.some(({ type }) => type === 'room.typing'));
    await closeAll(anns, again);
});

test('only who may post may be seen writing', async () => {
    const room = await privateRoom();
    await refused(server, 'not_found', 'PUT', `/v1/rooms/${room}/typing`, {
        token: stranger.token, body: { typing: true },
    });
    await refused(server, 'invalid', 'PUT', `/v1/rooms/${room}/typing`, {
        token: ann.token, body: { typing: 'yes' },
    });
    await refused(server, 'unauthenticated', 'PUT', `/v1/rooms/${room}/typing`, {
        body: { typing: true },
    });
});
