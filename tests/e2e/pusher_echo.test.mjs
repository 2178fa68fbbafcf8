// Laravel Echo on pusher-js, as its documents configure it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Echo from 'laravel-echo';

import { APP, Application, KEY, connected, packages } from './pusher.mjs';
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

const people = new Map();

async function open(name, version = 8) {
    const port = Number(new URL(server.url).port);
    const echo = new Echo({
        broadcaster: 'pusher', key: KEY, cluster: 'eu', wsHost: '127.0.0.1', wsPort: port,
        forceTLS: false, enabledTransports: ['ws'], disableStats: true, Pusher: packages[version],
        authEndpoint: `${app.url}/auth`,
    });
    people.set(await connected(echo.connector.pusher), { user_id: name, user_info: { name } });
    return echo;
}

const subscribed = (channel) => new Promise((resolve, reject) => {
    channel.subscribed(resolve);
    channel.error(reject);
});

test('public and private channels, whispers', async () => {
    const [ann, bob] = [await open('ann'), await open('bob')];
    const news = ann.channel('news');
    await subscribed(news);
    const came = new Promise((resolve) => news.listen('.hello', resolve));
    await app.pusher.trigger('news', 'hello', { n: 1 });
    assert.deepEqual(await came, { n: 1 });

    const [mine, theirs] = [ann.private('orders'), bob.private('orders')];
    await Promise.all([subscribed(mine), subscribed(theirs)]);
    const whispered = new Promise((resolve) => theirs.listenForWhisper('typing', resolve));
    mine.whisper('typing', { name: 'ann' });
    assert.deepEqual(await whispered, { name: 'ann' });
    ann.disconnect();
    bob.disconnect();
});

test('who is here, joins and leaves', async () => {
    const ann = await open('ann');
    const room = ann.join('room');
    assert.deepEqual(await new Promise((resolve) => room.here(resolve)), [{ name: 'ann' }]);
    const joining = new Promise((resolve) => room.joining(resolve));
    const bob = await open('bob');
    const theirs = bob.join('room');
    const here = await new Promise((resolve) => theirs.here(resolve));
    assert.deepEqual(here.map(({ name }) => name).sort(), ['ann', 'bob']);
    assert.deepEqual(await joining, { name: 'bob' });
    const leaving = new Promise((resolve) => room.leaving(resolve));
    bob.leave('room');
    assert.deepEqual(await leaving, { name: 'bob' });
    ann.disconnect();
    bob.disconnect();
});
