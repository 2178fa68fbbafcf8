// Channels of every kind, with stock pusher-js 4.3, 7 and 8 and the official server package.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, suite, test } from 'node:test';

import { APP, Application, Bare, backendOf, connected, next, page, subscribe } from './pusher.mjs';
import { Server } from './server.mjs';

let server, app;
before(async () => {
    server = await Server.start({ settings: APP });
    app = await Application.start(server, ({ socket_id: id }) => people.get(id));
});
after(async () => {
    await app.close();
    await server.close();
});

const people = new Map(); // whom the application knows behind a connection

/** A page that somebody has opened. */
async function open(version, person) {
    const client = page(server, app, version);
    people.set(await connected(client), person);
    return client;
}

const member = (name) => ({ user_id: name, user_info: { name: name.toUpperCase() } });

for (const version of [4, 7, 8]) {
    suite(`pusher-js ${version}`, () => {
        test('a public channel brings what the server says', async () => {
            const client = await open(version);
            const channel = await subscribe(client, 'news');
            const [came, everywhere] = [next(channel, 'hello'), next(client, 'hello')];
            await app.pusher.trigger('news', 'hello', { text: 'it is € 5 "or so"', list: [1, null] });
            assert.deepEqual(await came, { text: 'it is € 5 "or so"', list: [1, null] });
            await everywhere;
            client.disconnect();
        });

        test('who has unsubscribed hears nothing more', async () => {
            const client = await open(version);
            const heard = [];
            const channel = await subscribe(client, 'left');
            client.bind_global((event) => heard.push(event));
            client.unsubscribe('left');
            const came = next(await subscribe(client, 'stayed'), 'hello');
            await app.pusher.trigger(['left', 'stayed'], 'hello', {});
            await came;
            assert.deepEqual(heard.filter((event) => event === 'hello'), ['hello']);
            assert.equal(channel.subscribed, false);
            client.disconnect();
        });

        test('a private channel opens to a signature, and people speak there', async () => {
            const [ann, bob] = [await open(version), await open(version)];
            const [here, there] = [await subscribe(ann, 'private-a'), await subscribe(bob, 'private-a')];
            const own = [];
            here.bind('client-hi', (data) => own.push(data));
            const came = next(there, 'client-hi');
            assert.ok(here.trigger('client-hi', { text: 'hi' }));
            assert.deepEqual(await came, { text: 'hi' });
            const done = next(here, 'done');
            await app.pusher.trigger('private-a', 'done', '');
            await done;
            assert.deepEqual(own, [], 'not echoed');
            ann.disconnect();
            bob.disconnect();
        });

        test('a presence channel knows who is there', async () => {
            const name = `presence-room-${version}`;
            const ann = await open(version, member('ann'));
            const room = await subscribe(ann, name);
            assert.equal(room.members.count, 1);
            assert.deepEqual(room.members.me, { id: 'ann', info: { name: 'ANN' } });
            const added = next(room, 'pusher:member_added');
            const [bob, again] = [await open(version, member('bob')), await open(version, member('bob'))];
            const theirs = await subscribe(bob, name);
            assert.deepEqual(await added, { id: 'bob', info: { name: 'BOB' } });
            assert.deepEqual(Object.keys(theirs.members.members).sort(), ['ann', 'bob']);

            const twice = [];
            room.bind('pusher:member_added', (person) => twice.push(person));
            room.bind('pusher:member_removed', (person) => twice.push(person));
            await subscribe(again, name);
            again.disconnect();
            const spoken = new Promise((resolve) =>
                room.bind('client-hi', (data, metadata) => resolve([data, metadata?.user_id])));
            theirs.trigger('client-hi', 'x');
            assert.deepEqual(await spoken, ['x', version === 4 ? undefined : 'bob']);
            assert.deepEqual(twice, [], 'somebody comes once and goes once');

            const removed = next(room, 'pusher:member_removed');
            bob.disconnect();
            assert.equal((await removed).id, 'bob');
            assert.equal(room.members.count, 1);
            ann.disconnect();
        });

        test('a large room is one frame a channel', async () => {
            const clients = await Promise.all(Array.from({ length: 20 }, () => open(version)));
            const channels = await Promise.all(clients.map((client) => subscribe(client, 'crowd')));
            const came = Promise.all(channels.map((channel) => next(channel, 'hello')));
            await app.pusher.trigger('crowd', 'hello', { n: 1 });
            assert.deepEqual(await came, Array(20).fill({ n: 1 }));
            clients.forEach((client) => client.disconnect());
        });
    });
}

for (const version of [7, 8]) {
    test(`a cache channel shows its last event, with pusher-js ${version}`, async () => {
        const name = `cache-${version}`;
        const first = await open(version);
        const channel = first.subscribe(name);
        await next(channel, 'pusher:cache_miss');
        await app.pusher.trigger(name, 'price', { euro: 5 });
        await app.pusher.trigger(name, 'price', { euro: 6 });
        const late = await open(version);
        assert.deepEqual(await next(late.subscribe(name), 'price'), { euro: 6 });
        first.disconnect();
        late.disconnect();
    });
}

test('a wrong signature is refused', async () => {
    const forging = backendOf(server, { secret: 'another-secret-altogether' });
    const forged = await Application.start(server);
    forged.pusher = forging;
    const client = page(server, forged);
    const channel = client.subscribe('private-b');
    const { type, status } = await next(channel, 'pusher:subscription_error');
    assert.deepEqual([type, status], ['AuthError', 401]);
    assert.equal(client.connection.state, 'connected');
    client.disconnect();
    await forged.close();
});

test('a signature is for one connection', async () => {
    const [ann, eve] = [await Bare.open(server), await Bare.open(server)];
    await Promise.all([ann.hello(), eve.hello()]);
    const wish = { channel: 'private-b', ...app.pusher.authorizeChannel(ann.id, 'private-b') };
    eve.say('pusher:subscribe', wish);
    assert.equal((await eve.next()).event, 'pusher:subscription_error');
    ann.say('pusher:subscribe', wish);
    assert.equal((await ann.next()).event, 'pusher_internal:subscription_succeeded');
    await Promise.all([ann.close(), eve.close()]);
});

test('an event of a client is not kept', async () => {
    const ann = await open(8);
    const room = ann.subscribe('private-cache-b');
    await next(room, 'pusher:cache_miss');
    room.trigger('client-hi', {});
    const bob = await open(8);
    await next(bob.subscribe('private-cache-b'), 'pusher:cache_miss');
    ann.disconnect();
    bob.disconnect();
});

test('what is sealed passes as it is', async () => {
    const encryptionMasterKeyBase64 = randomBytes(32).toString('base64');
    const sealing = backendOf(server, { encryptionMasterKeyBase64 });
    const name = 'private-encrypted-a';
    const bare = await Bare.open(server);
    await bare.hello();
    const { shared_secret: key, ...auth } = sealing.authorizeChannel(bare.id, name);
    assert.ok(key);
    bare.say('pusher:subscribe', { channel: name, ...auth });
    assert.equal((await bare.next()).event, 'pusher_internal:subscription_succeeded');
    await sealing.trigger(name, 'hello', { text: 'between us' });
    const { event, data } = await bare.next();
    assert.equal(event, 'hello');
    assert.deepEqual(Object.keys(data).sort(), ['ciphertext', 'nonce']);
    bare.say('client-hi', {}, { channel: name });
    assert.equal((await bare.next()).data.code, 4301);
    await bare.close();
});

test('who triggers need not hear it', async () => {
    const [ann, bob] = [await open(8), await open(8)];
    const heard = [];
    const [mine, theirs] = [await subscribe(ann, 'news-2'), await subscribe(bob, 'news-2')];
    mine.bind('hello', (data) => heard.push(data));
    const [came, last] = [next(theirs, 'hello'), next(mine, 'last')];
    await app.pusher.trigger('news-2', 'hello', 1, { socket_id: ann.connection.socket_id });
    await app.pusher.trigger('news-2', 'last', 2);
    await Promise.all([came, last]);
    assert.deepEqual(heard, []);
    ann.disconnect();
    bob.disconnect();
});

test('ten events a second', async () => {
    const [ann, bob] = [await open(8), await open(8)];
    const [mine, theirs] = [await subscribe(ann, 'private-fast'), await subscribe(bob, 'private-fast')];
    const fault = next(ann.connection, 'error');
    const heard = [];
    theirs.bind('client-n', (n) => heard.push(n));
    for (let n = 0; n < 11; n++)
        mine.trigger('client-n', n);
    assert.equal((await fault).data.code, 4301);
    const last = next(theirs, 'last');
    await app.pusher.trigger('private-fast', 'last', 0);
    await last;
    assert.deepEqual(heard, [...Array(10).keys()]);
    assert.equal(ann.connection.state, 'connected');
    ann.disconnect();
    bob.disconnect();
});
