// Revocation: sign-out and password change end tokens at once and sockets within a second.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import {
    Native, call, makeRoom, must, nativeUrl, post, refused, refusedSocket, signIn, signUp,
} from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const CLOSED_WITHIN_MS = 1000;
const SESSION_ENDED = 4401;

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

async function assertClosedSoon(client, since) {
    const { code, at } = await client.closed;
    assert.equal(code, SESSION_ENDED);
    assert.ok(at - since <= CLOSED_WITHIN_MS, `closed after ${at - since} ms`);
}

const signOut = ({ token }) => call(server, 'DELETE', '/v1/session', { token });

test('sign-out closes the sockets of its session and of no other', async () => {
    const ann = await signUp(server, 'ann');
    const other = await signIn(server, 'ann', ann.password);
    const [one, two, safe] = await Promise.all([ann, ann, other].map(({ token }) =>
        Native.open(server, token)));
    const since = Date.now();
    assert.equal((await signOut(ann)).status, 204);
    await Promise.all([one, two].map((client) => assertClosedSoon(client, since)));
    await safe.request('account.get');
    await safe.close();
});

test('a password change closes all earlier sessions\' sockets, the caller\'s too', async () => {
    const bob = await signUp(server, 'bob');
    const other = await signIn(server, 'bob', bob.password);
    const clients = await Promise.all([bob, other].map(({ token }) => Native.open(server, token)));
    const since = Date.now();
    const changed = await must(server, 'PUT', '/v1/me/password', {
        token: bob.token,
        body: { password: bob.password, new_password: keepSecret('quite-another-1') },
    });
    keepSecret(changed.token);
    await Promise.all(clients.map((client) => assertClosedSoon(client, since)));
    for (const { token } of [bob, other])
        await refused(server, 'session_ended', 'GET', '/v1/me', { token });
    await (await Native.open(server, changed.token)).close();
});

test('sign-out over the WebSocket itself closes it', async () => {
    const cat = await signUp(server, 'cat');
    const client = await Native.open(server, cat.token);
    const since = Date.now();
    await client.request('session.close').catch(() => {});
    await assertClosedSoon(client, since);
    await refused(server, 'session_ended', 'GET', '/v1/me', { token: cat.token });
});

test('a dead token opens no socket, native or ChatAPI', async () => {
    const dan = await signUp(server, 'dan');
    await signOut(dan);
    for (const url of [nativeUrl(server, dan.token), chatapi.chatUrl(server, dan.token)])
        assert.equal((await refusedSocket(url)).status, 401, url.slice(0, 40));
});

test('a dead token is dead for ChatAPI\'s REST at once', async () => {
    const eve = await signUp(server, 'eve');
    assert.equal((await chatapi.ask(server, 'GET', '/users/me', eve)).status, 200);
    await signOut(eve);
    assert.equal((await chatapi.ask(server, 'GET', '/users/me', eve)).status, 401);
});

test('ChatAPI\'s sockets close with their session too', async () => {
    const fay = await signUp(server, 'fay');
    const chat = await chatapi.Chat.open(server, fay.token);
    const since = Date.now();
    await signOut(fay);
    const { at } = await chat.closed;
    assert.ok(at - since <= CLOSED_WITHIN_MS, `closed after ${at - since} ms`);
});

test('whoever signed out hears nothing that is said after it', async () => {
    const [gus, hal] = await Promise.all(['gus', 'hal'].map((name) => signUp(server, name)));
    const room = await makeRoom(server, gus.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: hal.token, body: {} });
    const client = await Native.open(server, hal.token);
    await post(server, gus.token, room.id, 'before');
    await client.heardText('before');
    await signOut(hal);
    await post(server, gus.token, room.id, 'after');
    await client.closed;
    assert.deepEqual(client.texts(room.id), ['before']);
});

test('commands in flight on a revoked session are not done after its end', async () => {
    const ivy = await signUp(server, 'ivy');
    const keeper = await signIn(server, 'ivy', ivy.password);
    const room = await makeRoom(server, ivy.token);
    const client = await Native.open(server, ivy.token);
    await signOut(ivy);
    await client.post(room.id, 'too late').catch(() => {});
    await client.closed;
    const { messages } = await must(server, 'GET', `/v1/rooms/${room.id}/messages`, keeper);
    assert.deepEqual(messages, []);
});
