// Pusher protocol 7 on a bare WebSocket: how one comes in, what is refused, what closes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { APP, Bare, backendOf } from './pusher.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start({ settings: APP }); });
after(() => server.close());

async function come() {
    const bare = await Bare.open(server);
    await bare.hello();
    return bare;
}

test('one is told one\'s socket id and how long one may be silent', async () => {
    const bare = await Bare.open(server);
    const { socket_id: id, activity_timeout: seconds } = await bare.hello();
    assert.match(id, /^[0-9]+\.[0-9]+$/);
    assert.equal(seconds, 120);
    const { id: other } = await come().then(async (another) => (await another.close(), another));
    assert.notEqual(id, other);
    await bare.close();
});

const refusals = [
    ['an application that is not there', { path: '/app/other' }, 4001],
    ['no version', { query: '' }, 4008],
    ['a version that is no number', { query: 'protocol=x' }, 4006],
    ['another version', { query: 'protocol=5' }, 4007],
];
for (const [what, how, code] of refusals) {
    test(`${what} is told and closed`, async () => {
        const bare = await Bare.open(server, how);
        const { event, data } = await bare.next();
        assert.deepEqual([event, data.code], ['pusher:error', code]);
        assert.ok(data.message.length > 10);
        assert.equal((await bare.closed).code, code);
    });
}

test('there is nothing beside /app/KEY', async () => {
    for (const path of ['/app', '/app/', '/app/a/b'])
        await assert.rejects(Bare.open(server, { path }), /404/);
});

const nonsense = ['', 'x', '[]', '{}', '{"event":1}', '{"event":"x","event":"y"}', '{"event":"x"}',
    '{"event":"client-a","channel":"news"}', '{"event":"client-","channel":"private-a","data":""}'];
test('nonsense is told, and the connection stays', async () => {
    const bare = await come();
    for (const text of nonsense) {
        bare.socket.send(text);
        assert.deepEqual((await bare.next()).data.code, 4301, text);
    }
    bare.socket.send(Buffer.from([0xff, 0xfe]));
    assert.equal((await bare.next()).event, 'pusher:error');
    bare.say('pusher:something_of_later', {});
    await bare.expectSilence();
    await bare.close();
});

test('channels that cannot be', async () => {
    const bare = await come();
    for (const channel of ['', 'a b', 'ä', '#x', 'a/b', 'x'.repeat(165)]) {
        bare.say('pusher:subscribe', { channel });
        const { event, data } = await bare.next();
        assert.deepEqual([event, data.status], ['pusher:subscription_error', 400], channel);
    }
    bare.say('pusher:subscribe', { channel: 'x'.repeat(164) });
    assert.equal((await bare.next()).event, 'pusher_internal:subscription_succeeded');
    bare.say('pusher:subscribe', 'no object');
    assert.equal((await bare.next()).event, 'pusher:subscription_error');
    await bare.close();
});

test('a connection is in at most 200 channels', async () => {
    const bare = await come();
    for (let n = 0; n <= 200; n++) {
        bare.say('pusher:subscribe', { channel: `c${n}` });
        const { event, data } = await bare.next();
        assert.equal(event, n < 200 ? 'pusher_internal:subscription_succeeded' : 'pusher:subscription_error');
        assert.equal(data.type, n < 200 ? undefined : 'LimitReached');
    }
    await bare.close();
});

test('members say who they are, in so many bytes', async () => {
    const bare = await come();
    const app = backendOf(server);
    const large = { user_id: '1', user_info: { text: 'x'.repeat(1024) } };
    for (const data of [{}, { user_id: '' }, { user_id: 'x'.repeat(129) }, large]) {
        bare.say('pusher:subscribe',
            { channel: 'presence-a', ...app.authorizeChannel(bare.id, 'presence-a', data) });
        assert.equal((await bare.next()).event, 'pusher:subscription_error');
    }
    bare.say('pusher:subscribe', {
        channel: 'presence-a',
        ...app.authorizeChannel(bare.id, 'presence-a', { user_id: 7, user_info: { a: [1.5, null] } }),
    });
    const { data } = await bare.next();
    assert.deepEqual(data.presence, { ids: ['7'], hash: { 7: { a: [1.5, null] } }, count: 1 });
    await bare.close();
});

test('a presence channel has at most 100 people', async () => {
    const app = backendOf(server);
    const all = await Promise.all(Array.from({ length: 101 }, come));
    const events = [];
    for (const [n, bare] of all.entries()) {
        bare.say('pusher:subscribe', {
            channel: 'presence-full',
            ...app.authorizeChannel(bare.id, 'presence-full', { user_id: `p${n}` }),
        });
        events.push((await bare.next()).event);
    }
    assert.equal(events.pop(), 'pusher:subscription_error');
    assert.ok(events.every((event) => event === 'pusher_internal:subscription_succeeded'));
    await Promise.all(all.map((bare) => bare.close()));
});

test('a message that is too large closes', async () => {
    const bare = await come();
    bare.say('client-a', 'x'.repeat(11_000), { channel: 'private-a' });
    assert.equal((await bare.next()).data.code, 4301);
    bare.say('client-a', 'x'.repeat(70_000), { channel: 'private-a' });
    assert.equal((await bare.closed).code, 1009);
});
