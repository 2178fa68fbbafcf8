// A room's title, its topic, and its end: over REST and the WebSocket, told to those in it.

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

const join = (room, { token }) =>
    must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
const open = (...people) => Promise.all(people.map(({ token }) => Native.open(server, token)));
const closeAll = (...clients) => Promise.all(clients.map((client) => client.close()));
const heard = (client, type, room) => client.heard(
    ({ type: it, body }) => it === type && (body.room?.id ?? body.room) === room, type);
const types = (client, room) => client.events
    .filter(({ body }) => [body.room?.id, body.room, body.message?.room].includes(room))
    .map(({ type }) => type);

test('a room is renamed and gets a topic; all in it see all of it, on each device', async () => {
    const room = await makeRoom(server, ann.token);
    await join(room.id, bob);
    const [anns, phone, bobs, others] = await open(ann, ann, bob, stranger);
    const renamed = await must(server, 'PUT', `/v1/rooms/${room.id}/name`, {
        token: ann.token, body: { name: 'Salon ☕' },
    });
    assert.equal(renamed.name, 'Salon ☕');
    const { body: topical } = await anns.request('room.set_topic', {
        room: room.id, topic: 'coffee',
    });
    assert.deepEqual(topical, { ...renamed, topic: 'coffee' });
    assert.equal(topical.members, 2);
    for (const client of [anns, phone, bobs]) {
        const told = await client.heard(({ type, body }) =>
            type === 'room.changed' && body.room.topic === 'coffee');
        assert.deepEqual(told.body, { room: topical, by: ann.id });
    }
    assert.deepEqual(await must(server, 'GET', `/v1/rooms/${room.id}`, bob), topical);
    await post(server, stranger.token, room.id, 'I come in now');
    await others.heardText('I come in now');
    assert.deepEqual(types(others, room.id), ['room.posted']);
    await closeAll(anns, phone, bobs, others);
});

test('a topic over REST, and none again', async () => {
    const room = await makeRoom(server, ann.token);
    const path = `/v1/rooms/${room.id}/topic`;
    const topical = await must(server, 'PUT', path, { token: ann.token, body: { topic: 'tea' } });
    assert.deepEqual(topical, { ...room, topic: 'tea' });
    assert.deepEqual(await must(server, 'PUT', path, { token: ann.token, body: {} }), room);
});

test('a room is named by its owners and moderators, within bounds', async () => {
    const room = await makeRoom(server, ann.token);
    const hidden = await makeRoom(server, ann.token, 'private');
    const direct = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    await join(room.id, bob);
    const name = (id, { token }, body = { name: 'mine' }, name = 'forbidden') =>
        refused(server, name, 'PUT', `/v1/rooms/${id}/name`, { token, body });
    await name(room.id, bob);
    await name(room.id, stranger);
    await name(direct.id, ann);
    await name(hidden.id, bob, { name: 'mine' }, 'not_found');
    await name(room.id, ann, { name: 'x'.repeat(129) }, 'invalid');
    await name(room.id, ann, { title: 'x' }, 'unknown_field');
    await refused(server, 'forbidden', 'PUT', `/v1/rooms/${room.id}/topic`, {
        token: bob.token, body: { topic: 'mine' },
    });
    await refused(server, 'invalid', 'PUT', `/v1/rooms/${room.id}/topic`, {
        token: ann.token, body: { topic: 'x'.repeat(513) },
    });
    const plain = await must(server, 'PUT', `/v1/rooms/${room.id}/name`, {
        token: ann.token, body: {},
    });
    assert.equal(plain.name ?? '', '', 'a title may be taken away');
});

test('a deleted room is gone for everybody, and hears nothing more', async () => {
    const room = await makeRoom(server, ann.token);
    await join(room.id, bob);
    await post(server, ann.token, room.id, 'the last words');
    const [anns, bobs] = await open(ann, bob);
    const before = bobs.welcome.as_of;
    await refused(server, 'forbidden', 'DELETE', `/v1/rooms/${room.id}`, bob);
    const gone = await call(server, 'DELETE', `/v1/rooms/${room.id}`, ann);
    assert.equal(gone.status, 204);
    for (const client of [anns, bobs])
        assert.equal((await heard(client, 'room.deleted', room.id)).body.by, ann.id);

    for (const [method, path, body] of [
        ['GET', ''], ['GET', '/members'], ['GET', '/messages'], ['GET', '/bans'], ['DELETE', ''],
        ['POST', '/messages', { text: 'anybody?' }], ['POST', '/members', {}],
        ['PUT', '/typing', { typing: true }],
    ]) {
        for (const { token } of [ann, bob, stranger]) {
            await refused(server, 'not_found', method, `/v1/rooms/${room.id}${path}`, {
                token, body,
            });
        }
    }
    const { rooms } = await must(server, 'GET', '/v1/rooms?limit=1000', bob);
    assert.ok(!rooms.some(({ id }) => id === room.id));

    const again = await Native.open(server, bob.token, { since: before });
    const other = await makeRoom(server, bob.token);
    await again.heard(({ type, body }) => type === 'room.created' || body.member?.room === other.id);
    const ofRoom = types(again, room.id).filter((type) => type !== 'notified'); // that stays one's own
    assert.deepEqual(ofRoom, [], 'a resume brings nothing of it');
    await closeAll(anns, bobs, again);
});

test('rooms stay changed and deleted over a restart', async () => {
    const kept = await makeRoom(server, ann.token);
    const dead = await makeRoom(server, ann.token);
    await must(server, 'PUT', `/v1/rooms/${kept.id}/name`, {
        token: ann.token, body: { name: 'kept' },
    });
    await call(server, 'DELETE', `/v1/rooms/${dead.id}`, ann);
    await server.restart();
    assert.equal((await must(server, 'GET', `/v1/rooms/${kept.id}`, ann)).name, 'kept');
    await refused(server, 'not_found', 'GET', `/v1/rooms/${dead.id}`, ann);
});
