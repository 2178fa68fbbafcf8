// API keys: what each scope lets them do and what not, over REST and WebSocket, and their end.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import {
    Native, call, makeRoom, must, nativeUrl, post, refused, refusedSocket, signUp,
} from './client.mjs';
import { Server, keepSecret } from './server.mjs';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');
const CLOSED_WITHIN_MS = 1000;

let server, ann, room, boss;
before(async () => {
    server = await Server.start();
    ann = await signUp(server, 'ann');
    boss = await signUp(server, 'boss');
    kith('account', 'role', 'boss', 'admin');
    room = await makeRoom(server, ann.token, 'private', 'of ann');
});
after(() => server.close());

function kith(...args) {
    return execFileSync(KITH, ['--data', server.data, '--bus', server.bus, ...args],
        { encoding: 'utf8' });
}

/** A key made by an admin: {token, session, scopes, account}. */
async function makeKey(scopes, more = {}) {
    const key = await must(server, 'POST', '/v1/admin/keys',
        { token: boss.token, body: { name: 'a test', scopes, ...more } });
    keepSecret(key.token);
    return key;
}

/** One call of each scope: its REST request and its name on the WebSocket. */
function samples() {
    return {
        accounts: ['GET', `/v1/accounts/${ann.id}`, undefined, 'account.get', { account: ann.id }],
        tokens: ['POST', `/v1/admin/accounts/${ann.id}/sessions`, {}, 'session.mint',
            { account: ann.id }],
        rooms: ['POST', '/v1/rooms', { kind: 'open' }, 'room.create', { kind: 'open' }],
        messages: ['GET', `/v1/rooms/${room.id}/messages`, undefined, 'room.history',
            { room: room.id }],
    };
}

for (const scope of ['accounts', 'tokens', 'rooms', 'messages']) {
    test(`a key for ${scope} may that and nothing else`, async () => {
        const key = await makeKey(scope);
        for (const [other, [method, path, body]] of Object.entries(samples())) {
            const reply = await call(server, method, path, { token: key.token, body });
            keepSecret(reply.body.token ?? key.token);
            if (other === scope) {
                assert.ok(reply.status < 300, `${scope}: ${JSON.stringify(reply.body)}`);
            } else {
                assert.equal(reply.status, 403, `${scope} must not ${method} ${path}`);
                assert.match(reply.body.error.detail, new RegExp(`scope \`${other}\``));
            }
        }
    });
}

test('a key for messages hears, and asks no more than its scope on the WebSocket', async () => {
    const key = await makeKey('messages');
    const client = await Native.open(server, key.token);
    for (const [scope, [, , , type, body]] of Object.entries(samples())) {
        if (scope === 'messages')
            await client.request(type, body);
        else
            await assert.rejects(client.request(type, body), { name: 'forbidden' });
    }
    await assert.rejects(client.request('session.renew'), {
        name: 'forbidden', detail: 'no API key may do this',
    });
    await client.close();
});

test('a key without the scope of messages hears nothing', async () => {
    const key = await makeKey('accounts tokens rooms');
    const { status, body } = await refusedSocket(nativeUrl(server, key.token));
    assert.equal(status, 403);
    assert.match(JSON.parse(body).error.detail, /scope `messages`/);
});

test('no key makes or lists keys, changes roles or ends sessions', async () => {
    const { token } = await makeKey('accounts tokens rooms messages');
    await refused(server, 'forbidden', 'POST', '/v1/admin/keys',
        { token, body: { name: 'another', scopes: 'rooms' } });
    await refused(server, 'forbidden', 'GET', '/v1/admin/keys', { token });
    await refused(server, 'forbidden', 'PUT', `/v1/admin/accounts/${ann.id}/role`,
        { token, body: { role: 'admin' } });
    await refused(server, 'forbidden', 'DELETE', '/v1/session', { token });
    await refused(server, 'forbidden', 'GET', '/v1/sessions', { token });
});

test('a key is not renewed, and gives nobody power', async () => {
    const { token } = await makeKey('accounts');
    const refusal = (method, path, body) =>
        refused(server, 'forbidden', method, path, { token, body });
    await refusal('POST', '/v1/session/renewal');
    const { detail } = await refusal('POST', '/v1/admin/accounts',
        { login: 'second-boss', password: 'a-password-7', role: 'admin' });
    assert.equal(detail, '`role`: is for admins to give');
});

test('keys are for admins to make, list and revoke', async () => {
    const { session } = await makeKey('rooms');
    const { token } = ann;
    await refused(server, 'forbidden', 'POST', '/v1/admin/keys',
        { token, body: { name: 'mine', scopes: 'rooms' } });
    await refused(server, 'forbidden', 'GET', '/v1/admin/keys', { token });
    await refused(server, 'forbidden', 'DELETE', `/v1/admin/keys/${session}`, { token });
    const error = await refused(server, 'invalid', 'POST', '/v1/admin/keys',
        { token: boss.token, body: { name: 'wrong', scopes: 'rooms everything' } });
    assert.match(error.detail, /`scopes`/);
});

test('a revoked key is dead at once, on REST and on its sockets', async () => {
    const key = await makeKey('messages');
    const client = await Native.open(server, key.token);
    const { sessions } = await must(server, 'GET', '/v1/admin/keys', boss);
    assert.equal(sessions.find(({ id }) => id === key.session).scopes, 'messages');
    const since = Date.now();
    await must(server, 'DELETE', `/v1/admin/keys/${key.session}`, boss);
    const { code, at } = await client.closed;
    assert.equal(code, 4401);
    assert.ok(at - since <= CLOSED_WITHIN_MS, `closed after ${at - since} ms`);
    await refused(server, 'session_ended', 'GET', `/v1/rooms/${room.id}`, { token: key.token });
    const left = (await must(server, 'GET', '/v1/admin/keys', boss)).sessions;
    assert.ok(!left.some(({ id }) => id === key.session));
    await refused(server, 'not_found', 'DELETE', `/v1/admin/keys/${ann.session}`, boss);
});

test('nobody signs in as the system', async () => {
    const { account } = await makeKey('rooms');
    assert.equal(account.role, 'system');
    for (const password of ['system', 'x', 'secret'])
        await refused(server, 'bad_credentials', 'POST', '/v1/sessions',
            { body: { login: account.login, password } });
});

test('an operator\'s key does the same', async () => {
    const token = keepSecret(kith('key', 'create', 'from the shell', '--scopes', 'tokens').trim());
    const minted = await must(server, 'POST', `/v1/admin/accounts/${ann.id}/sessions`,
        { token, body: {} });
    keepSecret(minted.token);
    await refused(server, 'forbidden', 'GET', `/v1/accounts/${ann.id}`, { token });
});

test('a bot\'s key acts as the bot', async () => {
    const bot = await signUp(server, 'robot');
    await refused(server, 'invalid', 'POST', '/v1/admin/keys',
        { token: boss.token, body: { name: 'x', scopes: 'rooms', account: bot.id } });
    kith('account', 'role', 'robot', 'bot');
    const key = await makeKey('rooms messages', { account: bot.id });
    const made = await makeRoom(server, key.token, 'open');
    assert.equal(made.creator, bot.id);
    assert.equal((await post(server, key.token, made.id, 'beep')).sender, bot.id);
});

// ---- minting ----

test('a minted token is the person\'s in full', async () => {
    const key = await makeKey('tokens');
    const minted = await must(server, 'POST', `/v1/admin/accounts/${ann.id}/sessions`,
        { token: key.token, body: { device: 'the shop' } });
    keepSecret(minted.token);
    assert.equal(minted.account.id, ann.id);
    assert.equal((await must(server, 'GET', '/v1/me', minted)).login, 'ann');
    assert.equal((await post(server, minted.token, room.id, 'by the shop')).sender, ann.id);
    const { sessions } = await must(server, 'GET', '/v1/sessions', ann);
    assert.equal(sessions.find(({ id }) => id === minted.session).device, 'the shop');
    await (await Native.open(server, minted.token)).close();
});

test('an admin\'s token only an operator mints, and the system\'s nobody', async () => {
    const key = await makeKey('tokens');
    for (const id of [boss.id, key.account.id, 999999]) {
        const name = id === 999999 ? 'not_found' : 'forbidden';
        await refused(server, name, 'POST', `/v1/admin/accounts/${id}/sessions`,
            { token: key.token, body: {} });
    }
    await refused(server, 'forbidden', 'POST', `/v1/admin/accounts/${boss.id}/sessions`,
        { token: ann.token, body: {} });
});

test('a key neither bans nor deletes an admin', async () => {
    const { token } = await makeKey('accounts');
    for (const [method, path] of [['PUT', `/v1/admin/accounts/${boss.id}/ban`],
        ['DELETE', `/v1/admin/accounts/${boss.id}`]]) {
        const body = method === 'PUT' ? {} : undefined;
        const { detail } = await refused(server, 'forbidden', method, path, { token, body });
        assert.match(detail, /an admin's/);
    }
});
