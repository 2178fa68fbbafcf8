// Kith's own channels over Pusher: a signature alone opens nothing, who was let in is one
// session on one connection, and what that session or account loses ends there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { must, post, signIn, signUp } from './client.mjs';
import { APP, Bare, backendOf } from './pusher.mjs';
import { Server } from './server.mjs';

const CLOSED_WITHIN_MS = 1000;

let server, backend, ann, bob, eve, room, channel;
before(async () => {
    server = await Server.start({ settings: APP });
    backend = backendOf(server);
    [ann, bob, eve] = await Promise.all(['ann', 'bob', 'eve'].map((login) => signUp(server, login)));
    room = await must(server, 'POST', '/v1/direct', { token: ann.token, body: { account: bob.id } });
    channel = `private-chat_${ann.id}_${bob.id}`;
});
after(() => server.close());

async function come() {
    const bare = await Bare.open(server);
    await bare.hello();
    return bare;
}

async function ask(person, bare, name) {
    const reply = await fetch(`${server.url}/api/pusher/auth`, {
        method: 'POST',
        headers: { authorization: `Bearer ${person.token}` },
        body: new URLSearchParams({ socket_id: bare.id, channel_name: name }),
    });
    return { status: reply.status, ...await reply.json() };
}

async function enter(person, bare, name) {
    const { auth, channel_data: data, status } = await ask(person, bare, name);
    assert.equal(status, 200);
    bare.say('pusher:subscribe', { channel: name, auth, channel_data: data });
    assert.deepEqual((await bare.next()).event, 'pusher_internal:subscription_succeeded');
}

async function refused(bare, wish) {
    bare.say('pusher:subscribe', wish);
    const { event, data } = await bare.next();
    assert.deepEqual([event, data.type, data.status], ['pusher:subscription_error', 'AuthError', 401]);
}

test('messages come to whoever has subscribed, in one frame', async () => {
    const bare = await come();
    await enter(ann, bare, channel);
    const { id } = await post(server, bob.token, room.id, 'hello');
    assert.deepEqual(await bare.next(), {
        channel, event: 'new_message',
        data: { id, from_user: bob.id, to_user: ann.id, message: 'hello', channel,
            sentiment: { polarity: 0 } },
    });
    await bare.expectSilence();
    bare.say('pusher:unsubscribe', { channel });
    await post(server, bob.token, room.id, 'unheard');
    await bare.expectSilence();
    await bare.close();
});

test('who has subscribed to the notifications hears no messages, and the other way round', async () => {
    const [one, other] = [await come(), await come()];
    await enter(bob, one, `private-notification_user_${bob.id}`);
    await enter(bob, other, channel);
    await must(server, 'POST', '/api/request_chat',
        { token: ann.token, body: { from_user: ann.id, to_user: bob.id } });
    const { event, data } = await one.next();
    assert.deepEqual([event, data.channel_name], ['new_chat', channel]);
    await post(server, ann.token, room.id, 'hello');
    assert.equal((await other.next()).event, 'new_message');
    await one.expectSilence();
    await other.expectSilence();
    await Promise.all([one.close(), other.close()]);
});

test('a signature of the application\'s own secret opens none of them', async () => {
    const bare = await come();
    for (const name of [channel, `private-notification_user_${ann.id}`])
        await refused(bare, { channel: name, ...backend.authorizeChannel(bare.id, name) });
    await bare.close();
});

test('a signature opens once', async () => {
    const bare = await come();
    const { auth } = await ask(ann, bare, channel);
    bare.say('pusher:subscribe', { channel, auth });
    assert.equal((await bare.next()).event, 'pusher_internal:subscription_succeeded');
    bare.say('pusher:unsubscribe', { channel });
    await refused(bare, { channel, auth });
    const other = await come();
    await refused(other, { channel, auth });
    await Promise.all([bare.close(), other.close()]);
});

test('strangers are not let in, nor anybody on a connection that is not there', async () => {
    const bare = await come();
    for (const name of [channel, `private-chat_${bob.id}_${ann.id}`, 'private-chat_x', 'private-other',
        `private-notification_user_${ann.id}`])
        assert.equal((await ask(eve, bare, name)).status, 403, name);
    assert.equal((await ask(ann, bare, `private-chat_${bob.id}_${ann.id}`)).status, 403, 'one name a room');
    await bare.close();
    assert.equal((await ask(ann, bare, channel)).status, 403);
    assert.equal((await ask(ann, { id: '1.1' }, channel)).status, 403);
});

test('a connection is one account\'s', async () => {
    const bare = await come();
    await enter(ann, bare, channel);
    assert.equal((await ask(bob, bare, channel)).status, 403);
    assert.equal((await ask(bob, bare, `private-notification_user_${bob.id}`)).status, 403);
    await enter(ann, bare, `private-notification_user_${ann.id}`);
    await bare.close();
});

test('the end of the session closes within a second', async () => {
    const session = await signIn(server, 'ann', ann.password);
    const [bare, kept] = [await come(), await come()];
    await enter(session, bare, channel);
    await enter(ann, kept, channel);
    const start = Date.now();
    await must(server, 'DELETE', '/v1/session', { token: session.token });
    assert.equal((await bare.next()).data.code, 4009);
    assert.equal((await bare.closed).code, 4009);
    assert.ok(Date.now() - start < CLOSED_WITHIN_MS);
    await kept.expectSilence();
    await kept.close();
});

test('a session that has ended between the signature and its use opens nothing', async () => {
    const session = await signIn(server, 'ann', ann.password);
    const bare = await come();
    const { auth } = await ask(session, bare, channel);
    await must(server, 'DELETE', '/v1/session', { token: session.token });
    bare.say('pusher:subscribe', { channel, auth });
    assert.equal((await bare.next()).data.code, 4009);
    assert.equal((await bare.closed).code, 4009);
});

test('who signs in anew stays by the newer session', async () => {
    const session = await signIn(server, 'ann', ann.password);
    const bare = await come();
    await enter(session, bare, channel);
    const anew = await signIn(server, 'ann', ann.password);
    await enter(anew, bare, `private-notification_user_${ann.id}`);
    await must(server, 'DELETE', '/v1/session', { token: session.token });
    await post(server, bob.token, room.id, 'still there');
    assert.equal((await bare.next()).data.message, 'still there');
    await must(server, 'DELETE', '/v1/session', { token: anew.token });
    assert.equal((await bare.closed).code, 4009);
});

test('who is put out of a room is put out of its channel', async () => {
    const group = await must(server, 'POST', '/v1/rooms',
        { token: ann.token, body: { kind: 'private', name: 'all' } });
    const name = `private-chat_${group.id}`;
    for (const { id: account } of [bob, eve])
        await must(server, 'POST', `/v1/rooms/${group.id}/members`, { token: ann.token, body: { account } });
    const [one, other] = [await come(), await come()];
    await enter(bob, one, name);
    await enter(eve, other, name);
    one.say('client-typing', {}, { channel: name });
    assert.equal((await other.next()).event, 'client-typing');
    await must(server, 'DELETE', `/v1/rooms/${group.id}/members/${eve.id}`, { token: ann.token });
    assert.equal((await other.next()).event, 'pusher:subscription_error');
    one.say('client-typing', {}, { channel: name });
    await post(server, ann.token, group.id, 'without her');
    assert.equal((await one.next()).event, 'new_message');
    await other.expectSilence();
    assert.equal((await ask(eve, other, name)).status, 403);
    await Promise.all([one.close(), other.close()]);
});

test('people of Pusher are online while they are there', async () => {
    const bare = await come();
    await enter(bob, bare, `private-notification_user_${bob.id}`);
    const { online } = await must(server, 'GET', `/v1/accounts/${bob.id}`, { token: ann.token });
    assert.equal(online, true);
    await bare.close();
});
