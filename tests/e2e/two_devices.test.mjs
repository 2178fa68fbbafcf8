// Two devices of one person: each hears everything once, what one reads is read on the other,
// their presence is one, and ending one session leaves the other.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, eventually, makeRoom, must, post, signIn, signUp } from './client.mjs';
import { Packed } from './packed.mjs';
import { Server } from './server.mjs';

const SESSION_ENDED = 4401;
const FOLLOWS_WITHIN_MS = 1000;

let server, ann;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
});
after(() => server.close());

/** A person who is in a room with ann, on a phone (MessagePack) and a laptop (JSON). */
async function withTwoDevices(login) {
    const person = await signUp(server, login);
    const other = await signIn(server, login, person.password);
    const { id: room } = await makeRoom(server, ann.token, 'private');
    await must(server, 'POST', `/v1/rooms/${room}/members`,
        { token: ann.token, body: { account: person.id } });
    const [phone, laptop] = await Promise.all([
        Packed.open(server, person.token), Native.open(server, other.token),
    ]);
    after(() => [phone, laptop].forEach(({ socket }) => socket.terminate()));
    return { person, other, room, phone, laptop };
}

const unreadOf = async (client, room) =>
    (await client.request('room.unread', { room })).body.rooms[0];

test('each device hears everything once and in one order, the sender\'s own too', async () => {
    const { room, phone, laptop } = await withTwoDevices('bob');
    const anns = await Native.open(server, ann.token);
    const writers = { ann: anns, phone, laptop };
    await Promise.all(Object.entries(writers).flatMap(([name, client]) =>
        Array.from({ length: 100 }, (_, n) => client.post(room, `${name} ${n}`, `${name}-${n}`))));
    await anns.post(room, 'end');
    await Promise.all([phone, laptop].map((client) => client.heardText('end')));
    assert.equal(phone.texts(room).length, 301);
    assert.deepEqual(phone.messages(room), laptop.messages(room));
    assert.deepEqual(phone.messages(room).map(({ seq }) => seq),
        Array.from({ length: 301 }, (_, n) => n + 1));
    const own = phone.messages(room).filter(({ client_id: id }) => id !== undefined);
    assert.equal(own.length, 200, 'one\'s own client ids are shown on both devices');
    await anns.close();
});

test('what one device reads is read on the other within a second', async () => {
    const { room, phone, laptop } = await withTwoDevices('cat');
    for (const text of ['one', 'two @cat', 'three'])
        await post(server, ann.token, room, text);
    await laptop.heardText('three');
    assert.deepEqual(await unreadOf(laptop, room), { room, seq: 3, read: 0, unread: 3, mentions: 1 });
    const since = Date.now();
    const { body: marker } = await phone.request('room.read', { room, seq: 2 });
    const told = await laptop.heard(({ type }) => type === 'room.read', 'the marker', FOLLOWS_WITHIN_MS);
    assert.ok(Date.now() - since < FOLLOWS_WITHIN_MS);
    assert.deepEqual(told.body, { marker });
    for (const client of [phone, laptop])
        assert.deepEqual(await unreadOf(client, room), { room, seq: 3, read: 2, unread: 1, mentions: 0 });
});

test('what one device writes is read on both', async () => {
    const { room, phone, laptop } = await withTwoDevices('dan');
    await post(server, ann.token, room, 'hello');
    await phone.post(room, 'hello yourself');
    await laptop.heardText('hello yourself');
    assert.equal((await unreadOf(laptop, room)).unread, 0);
});

test('a device that was away catches up with what the other one did', async () => {
    const { room, phone, laptop, other } = await withTwoDevices('eve');
    await laptop.terminate();
    await post(server, ann.token, room, 'hello');
    await phone.request('room.read', { room, seq: 1 });
    await phone.post(room, 'from the phone');
    const back = await Native.open(server, other.token, { since: laptop.lastSeq });
    await back.heardText('from the phone');
    const ofRoom = back.events.map(({ type }) => type).filter((type) => type.startsWith('room.'));
    assert.deepEqual(ofRoom, ['room.posted', 'room.read', 'room.posted']);
    await back.close();
});

test('to end one device\'s session leaves the other', async () => {
    const { person, other, room, phone, laptop } = await withTwoDevices('fay');
    await phone.request('session.revoke', { session: other.session });
    assert.equal((await laptop.closed).code, SESSION_ENDED);
    await post(server, ann.token, room, 'for the phone');
    await phone.heardText('for the phone');
    assert.deepEqual(laptop.texts(room), []);
    const { body: { sessions } } = await phone.request('session.list');
    assert.deepEqual(sessions.map(({ id }) => id), [person.session]);
});

test('both devices are one presence: told once, and gone with the last', async () => {
    const watcher = await Native.open(server, ann.token);
    const { person, phone, laptop } = await withTwoDevices('gus');
    const told = () => watcher.events.filter(({ type, body }) =>
        type === 'presence.changed' && body.account === person.id).map(({ body }) => body.online);
    await eventually(told, (list) => list.length > 0, 'gus is here');
    await phone.close();
    assert.equal((await watcher.request('account.get', { account: person.id })).body.online, true);
    await laptop.close();
    await eventually(told, (list) => list.includes(false), 'gus is gone');
    assert.deepEqual(told(), [true, false]);
    await watcher.close();
});
