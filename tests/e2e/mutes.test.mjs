// Muting one room: what one hears of it in the inbox, and what stays as it was.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const path = (room) => `/v1/notifications/rooms/${room}`;
const mute = (who, room, body) => must(server, 'PUT', path(room), { token: who.token, body });
const inbox = async (who) => (await must(server, 'GET', '/v1/notifications', who)).notifications;

/** Two people and their direct room. */
async function pair(...logins) {
    const [one, other] = await Promise.all(logins.map((login) => signUp(server, login)));
    const { id: room } = await must(server, 'POST', '/v1/direct',
        { token: one.token, body: { account: other.id } });
    return [one, other, room];
}

/** Something for the other's inbox that comes after all that was posted before: what is in it then. */
async function inboxAfter(from, to) {
    const { length } = await inbox(to);
    await must(server, 'POST', '/v1/notifications', { token: from.token, body: { account: to.id } });
    return eventually(() => inbox(to), (entries) => entries.some(({ kind }) => kind === 'note')
        && entries.length > length, 'a note');
}

test('a muted room gives no notifications, and counts what is unread', async () => {
    const [ann, bob, room] = await pair('ann', 'bob');
    const devices = await Promise.all([1, 2].map(() => Native.open(server, bob.token)));
    assert.deepEqual(await mute(bob, room, { wish: 'off' }), { room, wish: 'off' });
    for (const device of devices) {
        const { body } = await device.heard(({ type }) => type === 'notification.muted');
        assert.deepEqual(body, { account: bob.id, room, wish: 'off' });
    }
    await post(server, ann.token, room, 'hello');
    const entries = await inboxAfter(ann, bob);
    assert.deepEqual(entries.map(({ kind }) => kind), ['note']);
    const { rooms } = await must(server, 'GET', '/v1/unread', bob);
    assert.equal(rooms.find(({ room: id }) => id === room).unread, 1);
    assert.deepEqual((await must(server, 'GET', '/v1/notifications/rooms', bob)).rooms,
        [{ room, wish: 'off' }]);

    assert.deepEqual(await mute(bob, room, {}), { room });
    await post(server, ann.token, room, 'again');
    await eventually(() => inbox(bob), ([entry]) => entry.text === 'again', 'an entry');
    assert.deepEqual((await must(server, 'GET', '/v1/notifications/rooms', bob)).rooms, []);
});

test('a room that is on is heard although messages are off, and only mentions if one wishes', async () => {
    const [cat, dan, room] = await pair('cat', 'dan');
    await must(server, 'PUT', '/v1/notifications/preferences/message',
        { token: dan.token, body: { wish: 'off' } });
    await mute(dan, room, { wish: 'on' });
    await post(server, cat.token, room, 'hello');
    await eventually(() => inbox(dan), ([entry]) => entry?.text === 'hello', 'an entry');

    const { id: club } = await makeRoom(server, cat.token, 'private');
    await must(server, 'POST', `/v1/rooms/${club}/members`,
        { token: cat.token, body: { account: dan.id } });
    await mute(dan, club, { wish: 'mentions' });
    await post(server, cat.token, club, 'for all');
    await post(server, cat.token, club, 'for you, @dan');
    const entry = await eventually(() => inbox(dan),
        (entries) => entries.some(({ room: id }) => id === club), 'an entry');
    assert.equal(entry.find(({ room: id }) => id === club).text, 'for you, @dan');
});

test('a mute has an end, and ends with the membership', async () => {
    const [eva, fay, room] = await pair('eva', 'fay');
    const until = (Date.now() + 3_600_000) * 1000;
    assert.deepEqual(await mute(fay, room, { wish: 'off', until }), { room, wish: 'off', until });
    await mute(fay, room, {});
    const { id: open } = await makeRoom(server, eva.token);
    const join = () => must(server, 'POST', `/v1/rooms/${open}/members`, { token: fay.token, body: {} });
    await join();
    await mute(fay, open, { wish: 'off' });
    assert.equal((await call(server, 'DELETE', `/v1/rooms/${open}/members/${fay.id}`, fay)).status, 204);
    await join();
    assert.deepEqual((await must(server, 'GET', '/v1/notifications/rooms', fay)).rooms, []);
});

test('what makes no sense is refused', async () => {
    const [gus, , room] = await pair('gus', 'hal');
    const ian = await signUp(server, 'ian');
    const put = (who, id, body, name) =>
        refused(server, name, 'PUT', path(id), { token: who.token, body });
    await put(ian, room, { wish: 'off' }, 'not_found');
    await put(gus, 999_999, { wish: 'off' }, 'not_found');
    assert.match((await put(gus, room, { until: 1 }, 'invalid')).detail, /needs a wish/);
    assert.match((await put(gus, room, { wish: 'off', until: 1 }, 'invalid')).detail, /is over/);
    await put(gus, room, { wish: 'loud' }, 'invalid');
});
