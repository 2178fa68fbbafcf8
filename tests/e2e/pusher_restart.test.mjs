// A server that restarts: stock clients are told to come back, and do, with all that they had
// subscribed to.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, post, signUp } from './client.mjs';
import { APP, Application, Bare, next, page, subscribe } from './pusher.mjs';
import { Server } from './server.mjs';

let server, app;
before(async () => {
    server = await Server.start({ settings: APP });
    app = await Application.start(server);
});
after(async () => {
    await app.close();
    await server.close();
});

for (const version of [4, 7, 8]) {
    test(`pusher-js ${version} comes back`, async () => {
        const client = page(server, app, version);
        const [open, closed] = [await subscribe(client, 'news'), await subscribe(client, 'private-a')];
        const again = [next(open, 'pusher:subscription_succeeded'),
            next(closed, 'pusher:subscription_succeeded')];
        await server.restart();
        await Promise.all(again);
        const came = [next(open, 'hello'), next(closed, 'hello')];
        await app.pusher.trigger(['news', 'private-a'], 'hello', { n: 1 });
        assert.deepEqual(await Promise.all(came), [{ n: 1 }, { n: 1 }]);
        client.disconnect();
    });
}

test('the close says: come back in a moment', async () => {
    const bare = await Bare.open(server);
    await bare.hello();
    const done = server.restart();
    assert.equal((await bare.next()).data.code, 4100);
    assert.equal((await bare.closed).code, 4100);
    await done;
});

test('a room\'s channel is heard again', async () => {
    const [ann, bob] = [await signUp(server, 'ann'), await signUp(server, 'bob')];
    const room = await must(server, 'POST', '/v1/direct', { token: ann.token, body: { account: bob.id } });
    const client = page(server, null, 8, {
        authEndpoint: `${server.url}/api/pusher/auth`,
        auth: { headers: { Authorization: `Bearer ${ann.token}` } },
    });
    const channel = await subscribe(client, `private-chat_${ann.id}_${bob.id}`);
    const again = next(channel, 'pusher:subscription_succeeded');
    await server.restart();
    await again;
    const came = next(channel, 'new_message');
    await post(server, bob.token, room.id, 'back again');
    assert.equal((await came).message, 'back again');
    client.disconnect();
});
