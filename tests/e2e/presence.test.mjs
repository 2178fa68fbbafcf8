// Presence: a person is online while any connection of theirs is open, on any dialect; those
// who share a room with them may know, and are told.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, eventually, makeRoom, must, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let watcher;
before(async () => {
    server = await Server.start();
    watcher = await signUp(server, 'watcher');
});
after(() => server.close());

/** A new person who shares a room with the watcher. */
async function meet(login) {
    const person = await signUp(server, login);
    await must(server, 'POST', '/v1/direct', { token: watcher.token, body: { account: person.id } });
    return person;
}

const isOnline = async ({ id }) =>
    (await must(server, 'GET', `/v1/accounts/${id}`, { token: watcher.token })).online;
const becomes = (person, online) => eventually(() => isOnline(person),
    (answer) => answer === online, `${person.account.login} is ${online ? 'online' : 'offline'}`);

test('online from the first connection to the close of the last', async () => {
    const ann = await meet('ann');
    const again = await signIn(server, 'ann', ann.password);
    assert.equal(await isOnline(ann), false);
    const first = await Native.open(server, ann.token);
    await becomes(ann, true);
    const second = await Native.open(server, again.token);
    await first.close();
    assert.equal(await isOnline(ann), true);
    await second.close();
    await becomes(ann, false);
});

test('a dropped connection counts as closed', async () => {
    const bob = await meet('bob');
    const client = await Native.open(server, bob.token);
    await becomes(bob, true);
    await client.terminate();
    await becomes(bob, false);
});

test('ChatAPI\'s connections and native ones are counted together', async () => {
    const cat = await meet('cat');
    const native = await Native.open(server, cat.token);
    const chat = await chatapi.Chat.open(server, cat.token);
    await becomes(cat, true);
    await native.close();
    assert.equal(await isOnline(cat), true);
    const { body: users } = await chatapi.ask(server, 'GET', '/users/', watcher);
    assert.equal(users.find(({ id }) => id === cat.id).is_online, true);
    await chat.close();
    await becomes(cat, false);
});

test('reading over REST is not being online', async () => {
    const dan = await signUp(server, 'dan');
    assert.equal((await must(server, 'GET', '/v1/me', dan)).online, false);
});

test('sign-out makes offline', async () => {
    const eve = await meet('eve');
    const client = await Native.open(server, eve.token);
    await becomes(eve, true);
    await client.request('session.close').catch(() => {});
    await client.closed;
    await becomes(eve, false);
});

test('connections that come and go quickly leave no ghost and no hole', async () => {
    const fay = await meet('fay');
    for (let round = 0; round < 10; round++) {
        const clients = await Promise.all([1, 2, 3].map(() => Native.open(server, fay.token)));
        await Promise.all(clients.map((client) => client.terminate()));
    }
    const last = await Native.open(server, fay.token);
    await becomes(fay, true);
    await last.close();
    await becomes(fay, false);
});

test('nobody is online after a kill until they come back', async () => {
    const gus = await meet('gus');
    const client = await Native.open(server, gus.token);
    await becomes(gus, true);
    await server.kill();
    await client.closed;
    await server.launch();
    assert.equal(await isOnline(gus), false);
    const back = await Native.open(server, gus.token);
    await becomes(gus, true);
    await back.close();
});

// ---- who is told ----

const changes = (client, id) => client.events
    .filter(({ type, body }) => type === 'presence.changed' && body.account === id)
    .map(({ body }) => body.online);

test('people in the same rooms are told once, however many rooms they share', async () => {
    const [hal, ida, jon] = await Promise.all(['hal', 'ida', 'jon'].map((login) => signUp(server, login)));
    for (let i = 0; i < 3; i++) {
        const room = await makeRoom(server, hal.token);
        await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: ida.token, body: {} });
    }
    const [near, far] = [await Native.open(server, ida.token), await Native.open(server, jon.token)];
    const client = await Native.open(server, hal.token);
    await eventually(() => changes(near, hal.id), (told) => told.includes(true), 'ida is told');
    await client.close();
    await eventually(() => changes(near, hal.id), (told) => told.includes(false), 'ida is told');
    assert.deepEqual(changes(near, hal.id), [true, false]);
    assert.deepEqual(changes(far, hal.id), []);
    await Promise.all([near.close(), far.close()]);
});

test('strangers see nobody online', async () => {
    const [kim, leo] = [await signUp(server, 'kim'), await signUp(server, 'leo')];
    const client = await Native.open(server, kim.token);
    const seen = () => must(server, 'GET', `/v1/accounts/${kim.id}`, { token: leo.token });
    await eventually(async () => (await must(server, 'GET', '/v1/me', { token: kim.token })).online,
        (online) => online, 'kim is online');
    assert.equal((await seen()).online, false);
    const ask = () => must(server, 'GET', `/v1/presence?accounts=${kim.id},${leo.id}`, { token: leo.token });
    assert.deepEqual((await ask()).people.map(({ account }) => account), [leo.id]);
    await must(server, 'POST', '/v1/direct', { token: leo.token, body: { account: kim.id } });
    assert.equal((await seen()).online, true);
    assert.deepEqual((await ask()).people.map(({ account, online }) => [account, online]),
        [[kim.id, true], [leo.id, false]]);
    await client.close();
});

test('who has gone was seen last when they went', async () => {
    const nia = await meet('nia');
    const near = await Native.open(server, watcher.token);
    const before = Date.now() * 1000;
    const client = await Native.open(server, nia.token);
    await eventually(() => changes(near, nia.id), (told) => told.length === 1, 'she came');
    await client.close();
    await eventually(() => changes(near, nia.id), (told) => told.length === 2, 'she went');
    // That she went is told at once, and recorded by the next commit.
    const { people: [seen] } = await eventually(
        () => must(server, 'GET', `/v1/presence?accounts=${nia.id}`, { token: watcher.token }),
        ({ people: [state] }) => state.last_seen !== undefined, 'when she went');
    assert.equal(seen.online, false);
    assert.ok(seen.last_seen >= before && seen.last_seen <= (Date.now() + 1) * 1000);
    await near.close();
});

test('one may say to be online without a connection, and take it back', async () => {
    const mia = await meet('mia');
    const client = await Native.open(server, watcher.token);
    await must(server, 'PUT', '/v1/me/presence', { token: mia.token, body: { online: true } });
    await becomes(mia, true);
    await eventually(() => changes(client, mia.id), (told) => told.includes(true), 'it is told');
    await must(server, 'PUT', '/v1/me/presence', { token: mia.token, body: { online: false } });
    await becomes(mia, false);
    await eventually(() => changes(client, mia.id), (told) => told.includes(false), 'it is told');
    await client.close();
});
