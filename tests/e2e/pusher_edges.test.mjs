// Several edges: what a server library says, and whom it sends away, reaches all of them; what
// people say to each other stays where they are.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { APP, Bare, backendOf } from './pusher.mjs';
import { Server } from './server.mjs';

let server, other, here, there;
before(async () => {
    server = await Server.start({ settings: APP });
    other = await server.spawnEdge();
    [here, there] = [backendOf(server), backendOf(other)];
});
after(async () => {
    await other.stop();
    await server.close();
});

async function come(edge, ...wishes) {
    const bare = await Bare.open(edge);
    await bare.hello();
    for (const [event, data, answer] of wishes.map((wish) => wish(bare))) {
        bare.say(event, data);
        assert.equal((await bare.next()).event, answer);
    }
    return bare;
}

const sub = (channel) => (bare) => ['pusher:subscribe',
    { channel, ...(channel.startsWith('private-') && here.authorizeChannel(bare.id, channel)) },
    'pusher_internal:subscription_succeeded'];
const signin = (id) => (bare) =>
    ['pusher:signin', here.authenticateUser(bare.id, { id }), 'pusher:signin_success'];

test('an event is heard at every edge, once', async () => {
    const [one, two] = [await come(server, sub('news')), await come(other, sub('news'))];
    await there.trigger('news', 'hello', { n: 1 });
    for (const bare of [one, two]) {
        const { event, data } = await bare.next();
        assert.deepEqual([event, data], ['hello', { n: 1 }]);
        await bare.expectSilence();
    }
    await here.trigger('news', 'empty', '');
    assert.equal((await two.next()).data, (await one.next()).data);
    await there.trigger('news', 'spared', {}, { socket_id: one.id });
    assert.equal((await two.next()).event, 'spared');
    await here.trigger('news', 'last', {});
    assert.equal((await one.next()).event, 'last');
    await Promise.all([one.close(), two.close()]);
});

test('a user\'s connections are ended at every edge', async () => {
    const [one, two] = [await come(server, signin('ann')), await come(other, signin('ann'))];
    await here.terminateUserConnections('ann');
    for (const bare of [one, two])
        assert.equal((await bare.closed).code, 4009);
});

test('what is kept is kept everywhere', async () => {
    const mark = await come(other, sub('mark'));
    await here.trigger('cache-a', 'price', { euro: 5 });
    await here.trigger('mark', 'said', {});
    await mark.next();
    const late = await come(other, sub('cache-a'));
    assert.equal((await late.next()).event, 'price');
    await Promise.all([mark.close(), late.close()]);
});

test('what people say stays at their edge, and so do the counts', async () => {
    const [one, two] = [await come(server, sub('private-a')), await come(other, sub('private-a'))];
    one.say('client-hi', {}, { channel: 'private-a' });
    await here.trigger('private-a', 'last', {});
    assert.equal((await two.next()).event, 'last');
    const reply = await here.get({ path: '/channels/private-a', params: { info: 'subscription_count' } });
    assert.equal((await reply.json()).subscription_count, 1);
    await Promise.all([one.close(), two.close()]);
});
