// The matchmaker: people open tickets, and are matched in pairs and groups with whom they accept,
// each once, with a room of their own.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Native, eventually, history, must, post, refused, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Packed } from './packed.mjs';
import { Server } from './server.mjs';
import { clients, connect, did, next } from './socketio.mjs';

const SECOND_US = 1_000_000;

let server, people, count = 0;
before(async () => {
    server = await Server.start();
});
after(() => server.close());

/** Four new people for each test, and a queue of their own. */
let queue;
beforeEach(async () => {
    count++;
    queue = `queue ${count}`;
    people = await Promise.all(['ann', 'bob', 'cat', 'dan']
        .map((name) => signUp(server, `${name}${count}`)));
});

const open = (who, ask = {}) =>
    must(server, 'POST', '/v1/me/ticket', { token: who.token, body: { queue, stay: true, ...ask } });
const close = (who, query = '') => must(server, 'DELETE', `/v1/me/ticket${query}`, who);
const own = (who) => must(server, 'GET', '/v1/me/ticket', who);
const rooms = async (who) => (await must(server, 'GET', '/v1/rooms', who)).rooms;
const matched = (who) =>
    eventually(() => own(who), ({ room }) => room !== undefined, 'the match and its room');
const ids = (...who) => who.map(({ id }) => id);

test('two are matched, hear of it, and talk in a room of their own', async () => {
    const [ann, bob] = people;
    const sockets = [await Native.open(server, ann.token), await Packed.open(server, bob.token)];
    const ticket = await open(ann, { stay: false });
    assert.deepEqual([ticket.state, ticket.min, ticket.max], ['open', 2, 2]);
    assert.equal(ticket.expires - ticket.opened, 300 * SECOND_US);
    assert.deepEqual((await sockets[0].heard(({ type }) => type === 'ticket.opened')).body.ticket,
        ticket);
    await open(bob, { stay: false });
    const told = await Promise.all(sockets.map((socket) =>
        socket.heard(({ type }) => type === 'ticket.matched')));
    const { match, room, accounts } = told[0].body;
    assert.deepEqual(told[0].body, { ticket: ticket.id, account: ann.id, queue, match, room, accounts });
    assert.deepEqual([told[1].body.room, told[1].body.match], [room, match]);
    assert.deepEqual(accounts, ids(ann, bob));
    for (const who of [ann, bob]) {
        const now = await own(who);
        assert.deepEqual([now.state, now.match, now.room, now.accounts],
            ['matched', match, room, accounts]);
        const [{ id, kind, name, members, match: made }, ...more] = await rooms(who);
        assert.deepEqual([id, kind, name, members, made, more.length],
            [room, 'private', queue, 2, match, 0]);
    }
    await post(server, ann.token, room, 'ready?');
    assert.equal((await history(server, bob.token, room)).length, 1);
    await refused(server, 'not_found', 'GET', `/v1/rooms/${room}`, people[2]);
    sockets.forEach((socket) => socket.close());
});

test('a group waits for its last one', async () => {
    const [ann, bob, cat, dan] = people;
    await open(ann, { min: 3 });
    await open(bob, { min: 3, max: 4, patience: 60 }); // who waits for a fourth
    await open(cat, { min: 2, max: 3, patience: 60 }); // who takes no fourth
    await open(dan, { max: 3 });
    const { accounts, room } = await matched(dan);
    assert.deepEqual(accounts, ids(ann, cat, dan));
    assert.equal((await matched(ann)).room, room);
    assert.equal((await own(bob)).state, 'open');
});

test('both have to accept, by texts, numbers and profiles', async () => {
    const [ann, bob, cat, dan] = people;
    const profile = (who, body) => must(server, 'PATCH', '/v1/me/profile', { token: who.token, body });
    await profile(ann, { gender: 'female', preference: 'male', age: 30, lat: 48_000_000, lon: 2_000_000 });
    await profile(bob, { gender: 'male', preference: 'female', age: 50, lat: 48_000_000, lon: 2_000_000 });
    await profile(cat, { gender: 'male', preference: 'female', age: 31, lat: 40_000_000, lon: 2_000_000 });
    await profile(dan, { gender: 'male', preference: 'female', age: 31, lat: 48_100_000, lon: 2_000_000 });
    await open(ann, {
        properties: [{ name: 'mode', text: 'fast' }, { name: 'rank', number: 100 }],
        people: { age_max: 40, distance_max: 20 },
    });
    await open(bob); // too old
    await close(bob);
    await open(bob, { conditions: [{ name: 'mode', text: 'slow' }] });
    await open(cat); // too far
    await close(cat);
    await open(cat, { conditions: [{ name: 'rank', min: 101, max: 200 }] });
    await open(dan, { conditions: [
        { name: 'mode', text: 'fast' }, { name: 'rank', min: 50, max: 150 },
    ] });
    assert.deepEqual((await matched(dan)).accounts, ids(ann, dan));
    for (const who of [bob, cat])
        assert.equal((await close(who)).reason, 'cancelled');
});

test('what is asked widens by the second, and is dropped', async () => {
    const [ann, bob, cat, dan] = people;
    const rank = (number) => [{ name: 'rank', number }];
    const near = { name: 'rank', min: 90, max: 110 };
    await open(ann, { properties: rank(100), conditions: [{ ...near, widen: 20, widest: 50 }] });
    await open(bob, { properties: rank(140) });
    const { opened, closed, accounts } = await matched(ann);
    assert.deepEqual(accounts, ids(ann, bob));
    assert.ok(closed - opened >= 2 * SECOND_US, `${closed - opened} µs`);
    await open(cat, { conditions: [{ ...near, drop_after: 1 }] });
    await open(dan);
    const dropped = await matched(cat);
    assert.ok(dropped.closed - dropped.opened >= SECOND_US);
});

test('who blocks the other is not matched with them', async () => {
    const [ann, bob, cat] = people;
    await must(server, 'PUT', `/v1/people/${ann.id}/block`, bob);
    await open(ann);
    await open(bob);
    await open(cat);
    assert.deepEqual((await matched(cat)).accounts, ids(ann, cat));
    assert.equal((await close(bob)).state, 'closed');
});

test('a ticket expires, and is closed by its person', async () => {
    const [ann, bob] = people;
    const native = await Native.open(server, ann.token);
    const { id } = await open(ann, { seconds: 1 });
    const { body } = await native.heard(({ type }) => type === 'ticket.closed');
    assert.deepEqual(body, { ticket: id, account: ann.id, reason: 'expired' });
    const second = await open(ann);
    await refused(server, 'not_found', 'DELETE', `/v1/me/ticket?ticket=${id}`, ann);
    const closed = await close(ann, `?ticket=${second.id}`);
    assert.deepEqual([closed.state, closed.reason], ['closed', 'cancelled']);
    assert.deepEqual(await close(ann), closed);
    await refused(server, 'not_found', 'DELETE', '/v1/me/ticket', bob);
    native.close();
});

test('one has one ticket; a retry finds it, whatever has become of it', async () => {
    const [ann, bob] = people;
    const { id } = await open(ann, { client_id: 'a' });
    assert.equal((await open(ann, { client_id: 'a' })).id, id);
    const again = (name, body) => refused(server, name, 'POST', '/v1/me/ticket',
        { token: ann.token, body: { queue, stay: true, ...body } });
    await again('waiting', {});
    await again('waiting', { client_id: 'b' });
    await again('client_id_reused', { client_id: 'a', min: 3 });
    await open(bob);
    await matched(ann);
    assert.equal((await open(ann, { client_id: 'a' })).state, 'matched');
    assert.equal((await close(ann)).state, 'matched');
    assert.equal((await open(ann, { client_id: 'b' })).state, 'open');
    await close(ann);
});

test('what makes no sense is refused', async () => {
    const [ann] = people;
    const refuse = async (detail, ask) => assert.match((await refused(server, 'invalid', 'POST',
        '/v1/me/ticket', { token: ann.token, body: { queue, ...ask } })).detail, detail);
    const condition = { name: 'rank', min: 2, max: 3 };
    await refuse(/`queue`/, { queue: '' });
    await refuse(/`min`: is above `max`/, { min: 3, max: 2 });
    await refuse(/`max`/, { max: 17 });
    await refuse(/`min` is above `max`/, { conditions: [{ name: 'rank', min: 2 }] });
    await refuse(/`widen` needs `widest`/, { conditions: [{ ...condition, widen: 1 }] });
    await refuse(/`conditions`/, { conditions: Array(17).fill(condition) });
    await refuse(/no position/, { people: { distance_max: 5 } });
    await refuse(/`distance_widen` needs/, { people: { distance_widen: 5 } });
    await refuse(/`tags` are too many/, { people: { tags: 'a,b,c,d,e,f,g,h,i,j,k' } });
});

test('moderators see who waits where', async () => {
    const [ann, bob, cat] = people;
    const mod = await signUpAs(server, `mod${count}`, 'moderator');
    await refused(server, 'forbidden', 'GET', '/v1/admin/queues', ann);
    await open(ann, { min: 4 });
    await open(bob, { min: 4, queue: `${queue} too` });
    await open(cat, { min: 4 });
    const named = ({ queues }) => queues.filter(({ name }) => name.startsWith(queue))
        .map(({ name, tickets }) => [name, tickets]);
    const list = await eventually(() => must(server, 'GET', '/v1/admin/queues', mod),
        (seen) => named(seen).length === 2 && named(seen)[0][1] === 2, 'the queues');
    assert.deepEqual(named(list), [[queue, 2], [`${queue} too`, 1]]);
    assert.ok(list.tickets >= 3);
    const native = await Native.open(server, mod.token);
    assert.equal((await native.request('queue.list', { limit: 1 })).body.queues.length, 1);
    native.close();
    for (const who of [ann, bob, cat])
        await close(who);
});

test('it is all on the WebSocket', async () => {
    const [ann] = people;
    const native = await Native.open(server, ann.token);
    const { body: { id } } = await native.request('ticket.open', { queue, min: 2 });
    assert.equal((await native.request('ticket.get')).body.id, id);
    assert.equal((await native.request('ticket.close', { ticket: id })).body.reason, 'cancelled');
    native.close();
});

for (const client of clients.filter(({ way }) => way === 'websocket').slice(0, 1)) {
    test(`${client.name} on Socket.IO is matched with somebody on REST`, async () => {
        const [ann, bob] = people;
        const socket = await connect(client, server.url, { token: ann.token });
        const heard = next(socket, 'ticket.matched');
        await did(socket, 'ticket.open', { queue });
        await open(bob);
        const [{ accounts, room }] = await heard;
        assert.deepEqual(accounts, ids(ann, bob));
        assert.equal((await matched(bob)).room, room);
        socket.close();
    });
}
