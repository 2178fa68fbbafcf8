// Presence: a person is online while any connection of theirs is open, on any dialect.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, eventually, must, signIn, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let watcher;
before(async () => {
    server = await Server.start();
    watcher = await signUp(server, 'watcher');
});
after(() => server.close());

const isOnline = async ({ id }) =>
    (await must(server, 'GET', `/v1/accounts/${id}`, { token: watcher.token })).online;
const becomes = (person, online) => eventually(() => isOnline(person),
    (answer) => answer === online, `${person.account.login} is ${online ? 'online' : 'offline'}`);

test('online from the first connection to the close of the last', async () => {
    const ann = await signUp(server, 'ann');
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
    const bob = await signUp(server, 'bob');
    const client = await Native.open(server, bob.token);
    await becomes(bob, true);
    await client.terminate();
    await becomes(bob, false);
});

test('ChatAPI\'s connections and native ones are counted together', async () => {
    const cat = await signUp(server, 'cat');
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
    const eve = await signUp(server, 'eve');
    const client = await Native.open(server, eve.token);
    await becomes(eve, true);
    await client.request('session.close').catch(() => {});
    await client.closed;
    await becomes(eve, false);
});

test('connections that come and go quickly leave no ghost and no hole', async () => {
    const fay = await signUp(server, 'fay');
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
    const gus = await signUp(server, 'gus');
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
