// Users of an application: signing in, what the server says to one of them, and their end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { APP, Application, Bare, connected, next, page } from './pusher.mjs';
import { Server } from './server.mjs';

let server, app;
before(async () => {
    server = await Server.start({ settings: APP });
    app = await Application.start(server, ({ socket_id: id }) => users.get(id));
});
after(async () => {
    await app.close();
    await server.close();
});

const users = new Map();

/** Signed in, and on the channel on which the server speaks to this user. */
async function signIn(client) {
    const done = next(client.connection, 'message').then(({ event }) =>
        assert.equal(event, 'pusher:signin_success'));
    client.signin();
    await done;
    const channel = client.user.serverToUserChannel;
    if (!channel.subscribed)
        await next(channel, 'pusher:subscription_succeeded');
}

async function signedIn(id) {
    const bare = await Bare.open(server);
    await bare.hello();
    bare.say('pusher:signin', app.pusher.authenticateUser(bare.id, { id }));
    assert.equal((await bare.next()).event, 'pusher:signin_success');
    return bare;
}

for (const version of [7, 8]) {
    test(`with pusher-js ${version}`, async () => {
        const client = page(server, app, version);
        users.set(await connected(client), { id: `ann${version}`, user_info: { name: 'Ann' } });
        const others = page(server, app, version);
        users.set(await connected(others), { id: `bob${version}` });
        const heard = [];
        others.user.bind('hello', (data) => heard.push(data));
        await Promise.all([client, others].map(signIn));
        assert.equal(client.user.user_data.id, `ann${version}`);
        const came = next(client.user, 'hello');
        await app.pusher.sendToUser(`ann${version}`, 'hello', { n: 1 });
        assert.deepEqual(await came, { n: 1 });
        assert.deepEqual(heard, []);
        client.disconnect();
        others.disconnect();
    });
}

test('the connections of a user are ended', async () => {
    const [ann, again, bob] = [await signedIn('ann'), await signedIn('ann'), await signedIn('bob')];
    await app.pusher.terminateUserConnections('ann');
    for (const bare of [ann, again]) {
        assert.equal((await bare.next()).data.code, 4009);
        assert.equal((await bare.closed).code, 4009);
    }
    await bob.expectSilence();
    await bob.close();
});

test('a forged sign-in closes the connection', async () => {
    const bare = await Bare.open(server);
    await bare.hello();
    const { auth } = app.pusher.authenticateUser(bare.id, { id: 'ann' });
    bare.say('pusher:signin', { auth, user_data: JSON.stringify({ id: 'eve' }) });
    assert.equal((await bare.next()).data.code, 4009);
    assert.equal((await bare.closed).code, 4009);
});

test('a connection is one user\'s', async () => {
    const bare = await signedIn('ann');
    bare.say('pusher:subscribe', { channel: '#server-to-user-bob' });
    assert.equal((await bare.next()).event, 'pusher:subscription_error');
    bare.say('pusher:signin', app.pusher.authenticateUser(bare.id, { id: 'bob' }));
    assert.equal((await bare.next()).data.code, 4009);
    assert.equal((await bare.closed).code, 4009);
});
