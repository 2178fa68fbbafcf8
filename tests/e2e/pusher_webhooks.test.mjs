// Webhooks: what happens in the channels is posted to the application's server, signed, and
// again where it fails; a quick reconnect goes untold.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { APP, Application, Bare, backendOf } from './pusher.mjs';
import { Server } from './server.mjs';

let server, app, backend;
before(async () => {
    app = await Application.start();
    server = await Server.start({ settings: { ...APP, 'pusher.webhook': `${app.url}/hook` } });
    backend = backendOf(server);
});
after(async () => {
    await app.close();
    await server.close();
});

async function join(channel, person) {
    const bare = await Bare.open(server);
    await bare.hello();
    const right = person ? backend.authorizeChannel(bare.id, channel, { user_id: person })
        : channel.startsWith('private-') ? backend.authorizeChannel(bare.id, channel) : {};
    bare.say('pusher:subscribe', { channel, ...right });
    assert.equal((await bare.next()).event, 'pusher_internal:subscription_succeeded');
    return bare;
}

const of = (channel) => app.hooks.filter((hook) => hook.channel === channel);
const is = (name, channel) => (hook) => hook.name === name && hook.channel === channel;

test('what happens is told, signed as the server package checks it', async () => {
    const bare = await join('presence-a', 'ann');
    bare.say('client-hi', { n: 1 }, { channel: 'presence-a' });
    await app.hooked(is('client_event', 'presence-a'));
    assert.deepEqual(of('presence-a'), [
        { name: 'channel_occupied', channel: 'presence-a' },
        { name: 'member_added', channel: 'presence-a', user_id: 'ann' },
        { name: 'client_event', channel: 'presence-a', event: 'client-hi', data: '{"n":1}',
            socket_id: bare.id, user_id: 'ann' },
    ]);
    for (const { headers, body } of app.posts) {
        const hook = backend.webhook({ headers, rawBody: body });
        assert.ok(hook.isValid());
        assert.ok(Math.abs(hook.getTime() - Date.now()) < 60_000);
    }
    await bare.close();
    const left = await app.hooked(is('channel_vacated', 'presence-a'));
    assert.deepEqual(left, { name: 'channel_vacated', channel: 'presence-a' });
    assert.ok(app.hooks.some(is('member_removed', 'presence-a')));
});

test('a miss of a cache channel', async () => {
    const bare = await join('cache-a');
    await app.hooked(is('cache_miss', 'cache-a'));
    await bare.close();
});

test('who is back within three seconds was never away', async () => {
    const first = await join('presence-b', 'bob');
    await first.close();
    const second = await join('presence-b', 'bob');
    const mark = await join('private-mark');
    await mark.close(); // what it leaves is told three seconds after what came before
    await app.hooked(is('channel_vacated', 'private-mark'));
    assert.deepEqual(of('presence-b').map(({ name }) => name), ['channel_occupied', 'member_added']);
    await second.close();
});

test('what is not taken is posted again, in order', async () => {
    app.failures = 2;
    const before = app.posts.length;
    const [one, two] = [await join('order-1'), await join('order-2')];
    await app.hooked(is('channel_occupied', 'order-2'));
    const posts = app.posts.slice(before);
    assert.deepEqual(posts.slice(0, 3).map(({ status }) => status), [500, 500, 200]);
    assert.equal(posts[0].body, posts[2].body, 'the same body again');
    const occupied = app.hooks.filter(({ name, channel }) =>
        name === 'channel_occupied' && channel.startsWith('order-'));
    assert.deepEqual(occupied.map(({ channel }) => channel), ['order-1', 'order-2']);
    await Promise.all([one.close(), two.close()]);
});

test('a receiver that is away is found again, and holds up nobody', async () => {
    const { port } = app.http.address();
    app.http.close();
    app.http.closeAllConnections();
    await once(app.http, 'close');
    const bare = await join('away');
    await bare.expectSilence();
    app.http.listen(port, '127.0.0.1');
    await app.hooked(is('channel_occupied', 'away'));
    await bare.close();
});
