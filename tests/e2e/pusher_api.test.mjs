// The API of Pusher's server libraries: with the official package, and with requests that are
// forged, replayed, too old or too large.

import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { APP, Bare, KEY, backendOf } from './pusher.mjs';
import { Server } from './server.mjs';

let server, backend;
before(async () => {
    server = await Server.start({ settings: APP });
    backend = backendOf(server);
});
after(() => server.close());

const app = `/apps/${APP['pusher.app_id']}`;
const now = () => Math.floor(Date.now() / 1000);

/** Somebody in these channels; of presence channels as that person. */
async function listen(channels, person) {
    const bare = await Bare.open(server);
    await bare.hello();
    for (const channel of channels) {
        const right = channel.startsWith('presence-')
            ? backend.authorizeChannel(bare.id, channel, { user_id: person }) : {};
        bare.say('pusher:subscribe', { channel, ...right });
        assert.equal((await bare.next()).event, 'pusher_internal:subscription_succeeded', channel);
    }
    return bare;
}

async function get(path, params = {}) {
    const reply = await backend.get({ path, params });
    assert.equal(reply.status, 200);
    return reply.json();
}

test('channels and who is in them', async () => {
    const [ann, bob] = [await listen(['presence-a', 'news'], 'ann'), await listen(['presence-a'], 'bob')];
    assert.deepEqual(await get('/channels'), { channels: { 'presence-a': {}, news: {} } });
    assert.deepEqual(await get('/channels', { filter_by_prefix: 'presence-', info: 'user_count' }),
        { channels: { 'presence-a': { user_count: 2 } } });
    assert.deepEqual(await get('/channels/presence-a', { info: 'user_count,subscription_count' }),
        { occupied: true, user_count: 2, subscription_count: 2 });
    assert.deepEqual(await get('/channels/nobody'), { occupied: false });
    assert.deepEqual(await get('/channels/presence-a/users'), { users: [{ id: 'ann' }, { id: 'bob' }] });
    await assert.rejects(get('/channels/news/users'), { status: 400 });
    await assert.rejects(get('/channels', { info: 'user_count' }), { status: 400 });
    await Promise.all([ann.close(), bob.close()]);
});

test('a batch, and what is asked with it', async () => {
    const bare = await listen(['news'], 'ann');
    const reply = await backend.triggerBatch([
        { channel: 'news', name: 'a', data: { n: 1 } },
        { channel: 'news', name: 'b', data: '2', info: 'subscription_count' },
    ]);
    assert.deepEqual(await reply.json(), { batch: [{}, { subscription_count: 1 }] });
    assert.deepEqual((await bare.next()).data, { n: 1 });
    assert.equal((await bare.next()).event, 'b');
    const event = { channel: 'news', name: 'a', data: '' };
    await assert.rejects(backend.triggerBatch(Array(11).fill(event)), { status: 400 });
    await bare.expectSilence();
    await bare.close();
});

test('what is kept of a channel', async () => {
    await backend.trigger('cache-a', 'price', { euro: 5 });
    const { occupied, cache } = await get('/channels/cache-a', { info: 'cache' });
    assert.equal(occupied, false);
    assert.equal(cache.data, '{"euro":5}');
    assert.ok(cache.ttl > 1790 && cache.ttl <= 1800);
});

test('sizes', async () => {
    const bare = await listen(['news'], 'ann');
    const data = 'x'.repeat(10 * 1024);
    await backend.trigger('news', 'large', data);
    assert.equal((await bare.next()).data, data);
    await assert.rejects(backend.trigger('news', 'large', `${data}x`), { status: 413 });
    const many = Array.from({ length: 100 }, (_, n) => `c${n}`);
    await backend.trigger(many, 'hello', {});
    assert.equal((await ask('POST', `${app}/events`,
        { name: 'hello', data: '', channels: [...many, 'news'] })).status, 400);
    assert.equal((await ask('POST', `${app}/events`, 'x'.repeat(300_000))).status, 413);
    await bare.expectSilence();
    await bare.close();
});

test('nothing is said in Kith\'s own channels', async () => {
    for (const channel of ['private-chat_1_2', 'private-notification_user_1'])
        await assert.rejects(backend.trigger(['news', channel], 'new_message', {}), { status: 403 });
});

test('an event has a name and a channel', async () => {
    const bodies = [{}, [], 'x', { name: 'a', data: '' }, { name: 'pusher:error', data: '', channel: 'a' },
        { name: 'a', data: '', channel: 'a b' }, { name: 'a', data: '', channel: 'a', socket_id: 'b' }];
    for (const body of bodies)
        assert.equal((await ask('POST', `${app}/events`, body)).status, 400, JSON.stringify(body));
});

/** A signed request, by hand; `bend` changes its parameters after they are signed. */
async function ask(method, path, body, { time = now(), bend = (query) => query, params = {},
    secret = APP['pusher.secret'], more = {} } = {}) {
    const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    const query = { auth_key: KEY, auth_timestamp: time, auth_version: '1.0', ...params };
    if (text)
        query.body_md5 = createHash('md5').update(text).digest('hex');
    const sorted = Object.keys(query).sort().map((name) => `${name}=${query[name]}`).join('&');
    const signed = `${method}\n${path}\n${sorted}`;
    query.auth_signature = createHmac('sha256', secret).update(signed).digest('hex');
    const url = new URL(server.url + path);
    url.search = new URLSearchParams(bend(query));
    return fetch(url, { method, body: text || undefined, headers: { 'content-type': 'application/json' }, ...more });
}

const refusals = {
    'no signature': { bend: ({ auth_signature: gone, ...query }) => query },
    'another signature': { bend: (query) => ({ ...query, auth_signature: '0'.repeat(64) }) },
    'another secret': { secret: 'not the secret of this one' },
    'another key': { bend: (query) => ({ ...query, auth_key: 'other' }) },
    'another time': { bend: (query) => ({ ...query, auth_timestamp: query.auth_timestamp - 1 }) },
    'too old': { time: now() - 700 },
    'too new': { time: now() + 700 },
    'another version': { params: { auth_version: '2.0' } },
    'another hash': { bend: (query) => ({ ...query, body_md5: '0'.repeat(32) }) },
    'one parameter more': { bend: (query) => ({ ...query, info: 'cache' }) },
    'another body': { more: { body: '{"name":"a","data":"","channel":"b"}' } },
};
for (const [what, how] of Object.entries(refusals)) {
    test(`${what} is refused with 401`, async () => {
        const reply = await ask('POST', `${app}/events`, { name: 'a', data: '', channel: 'a' }, how);
        assert.equal(reply.status, 401);
        assert.ok((await reply.json()).error);
    });
}

test('a signature is for one method, path and application', async () => {
    const list = await ask('GET', `${app}/channels`);
    assert.equal(list.status, 200);
    const query = new URL(list.url).search;
    for (const path of [`${app}/channels/a`, '/apps/1235/channels'])
        assert.equal((await fetch(server.url + path + query)).status, 401, path);
    assert.equal((await fetch(`${server.url}${app}/channels${query}`)).status, 200, 'again in time');
    assert.equal((await ask('GET', '/apps/1235/channels')).status, 401);
});

test('what can be read in two ways is refused with 400', async () => {
    const { url } = await ask('GET', `${app}/channels`);
    assert.equal((await fetch(`${url}&auth_key=${KEY}`)).status, 400);
    assert.equal((await fetch(`${url}&a=%`)).status, 400);
});

test('other methods and paths are not there', async () => {
    assert.equal((await ask('GET', `${app}/events`)).status, 405);
    assert.equal((await ask('GET', `${app}/nothing`)).status, 404);
});
