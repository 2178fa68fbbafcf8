// Credentials that are none any more, or never were, at every door that takes one: changed by a
// letter, signed by another, of another kind, expired, and of sessions that have ended in any way.
// kith-forge (tests/security) tries a million of each kind at the doors themselves.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { call, must, refusedSocket, signIn, signUp } from './client.mjs';
import { claimsOf, openLink, operate, sign, signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const CHANGES = 150; // of each token at each door

let server;
let ann;
let boss;
before(async () => {
    server = await Server.start({ settings: { limits: 'off' } });
    ann = await signUp(server, 'ann', { email: 'ann@example.org' });
    boss = await signUpAs(server, 'boss', 'admin');
});
after(() => server.close());

const header = (text) => encodeURIComponent(text).replace(/%(20|3D|2F|2B|3A|26)/g, decodeURIComponent);
const get = async (path, headers) => {
    const reply = await fetch(server.url + path, { headers });
    await reply.arrayBuffer();
    return reply.status;
};

/** Whether a credential is let in. */
const doors = {
    'Authorization: Bearer': async (token) => await get('/v1/me', { authorization: `Bearer ${header(token)}` }) === 200,
    'Authorization: Token': async (token) => await get('/users/me', { authorization: `Token ${header(token)}` }) === 200,
    'the query': async (token) => {
        const reply = await fetch(`${server.url}/v1/events?token=${encodeURIComponent(token)}`);
        await reply.body.cancel();
        return reply.status === 200;
    },
    'a cookie': async (token) => await get('/api/users', { cookie: `session=${header(token)}` }) === 200,
    'a poll of Socket.IO': async (token) => {
        const path = '/socket.io/?EIO=4&transport=polling';
        const opened = await (await fetch(`${server.url}${path}&token=${encodeURIComponent(token)}`)).text();
        const { sid } = JSON.parse(opened.slice(1));
const reply = await fetch(`${server.url}${path}&sid=${sid}&token=${boss.token}`, { method: 'POST', body: '{}' });
        await reply.arrayBuffer();
        return reply.status === 403; // it is somebody's already
    },
};
const cheap = ['Authorization: Bearer', 'Authorization: Token', 'the query', 'a cookie'];

/** The token with something about it changed: never the token itself. */
function changed(token, n) {
    const at = Math.floor(Math.random() * token.length);
    const [head, claims, signature] = token.split('.');
    const letter = 'ABCDEFghijkl01234-_+/='[n % 22];
    const forms = [
        token.slice(0, at) + letter + token.slice(at + 1), token.slice(0, at) + token.slice(at + 1),
        token.slice(0, at) + letter + token.slice(at), `${token}${letter}`, `${token}=`, `${token}.`, `.${token}`,
        token.slice(0, at), `${head}.${claims}.`, `${head}.${claims}`, `${claims}.${head}.${signature}`,
        `${token}${token}`, token.toUpperCase(), `${head}..${signature}`, token.replaceAll('.', ' '), `"${token}"`,
        `${token}\u00a0`, token.replace('.', '\u2024'), `${token}%00`, [...token].reverse().join(''),
    ];
    const form = forms[n % forms.length];
    return form === token ? `${token}x` : form;
}

for (const name of cheap) {
    test(`${name}: no changed token is let in`, async () => {
        for (let n = 0; n < CHANGES; n++) {
            const forged = changed(ann.token, n);
            assert.equal(await doors[name](forged), false, forged.slice(-40));
        }
        assert.equal(await doors[name](ann.token), true);
    });
}

test('nor one that another has signed, or that says what ours never say', async () => {
    const claims = claimsOf(ann.token);
    const now = Math.floor(Date.now() / 1000);
    const forged = [
        sign(server, claims, { key: Buffer.alloc(64) }), sign(server, claims, { key: 'secret' }), sign(server, claims, { key: '' }),
        sign(server, claims, { alg: 'none' }), sign(server, claims, { alg: 'HS512' }),
        sign(server, { ...claims, exp: now - 1 }), sign(server, { ...claims, exp: 0 }), sign(server, { ...claims, exp: -1 }),
        sign(server, { ...claims, exp: undefined }), sign(server, { ...claims, exp: `${now + 999}` }),
        sign(server, { ...claims, sub: 'ann' }), sign(server, { ...claims, sub: '-1' }), sign(server, { ...claims, sub: undefined }),
        sign(server, { ...claims, jti: '0' }), sign(server, { ...claims, jti: undefined }), sign(server, { ...claims, use: 'reset' }),
        sign(server, { ...claims, sub: String(boss.account.id) }), // of somebody else's session
    ];
    for (const [name, door] of Object.entries(doors)) {
        for (const token of forged.slice(0, -1))
            assert.equal(await door(token), false, `${name}: ${JSON.stringify(claimsOf(token))}`);
        assert.equal(await door(ann.token), true, name);
    }
});

test('a credential of one kind is none of another', async () => {
    const key = keepSecret((await must(server, 'POST', '/v1/admin/keys', {
        token: boss.token, body: { name: 'a key', scopes: 'accounts' },
    })).token);
    const link = await resetLink('ann');
    for (const [name, door] of Object.entries(doors))
        assert.equal(await door(link), false, `a link by ${name}`);
    for (const id of [ann.token, key, boss.token, randomUUID(), randomBytes(60).toString('base64url')]) {
        for (const [method, path] of [['PUT', '/v1/password-resets'], ['POST', '/v1/email-verifications']]) {
            const { status } = await call(server, method, path, { body: { id, password: 'a-password' } });
            assert.ok(status === 400 || status === 401, `${path}: ${status}`);
        }
        const unsubscribed = await fetch(`${server.url}/v1/unsubscriptions/${id}`, { method: 'POST' });
        assert.ok(unsubscribed.status >= 400, 'a link to unsubscribe');
        await unsubscribed.arrayBuffer();
    }
    const { status } = await call(server, 'POST', '/v1/me/deletion', { token: key, body: { password: 'x' } });
    assert.ok(status >= 400, 'a key is nobody');
});

async function resetLink(login) {
    await must(server, 'POST', '/v1/password-resets', { body: { login } });
    return openLink(server, login, 'reset');
}

/** How a session ends, by somebody who has it. */
const ends = {
    'signing out': (person) => must(server, 'DELETE', `/v1/sessions/${person.session}`, { token: person.token }),
    'signing out of the documents': (person) => fetch(`${server.url}/api/logout`, {
        method: 'DELETE', headers: { authorization: `Bearer ${person.token}` },
    }),
    'another password': (person) => must(server, 'PUT', '/v1/me/password', {
        token: person.token, body: { password: person.password, new_password: keepSecret('another-password') },
    }).then(({ token }) => keepSecret(token)),
    'a mail': async (person, login) => must(server, 'PUT', '/v1/password-resets', {
        body: { id: await resetLink(login), password: keepSecret('a-password-by-mail') },
    }),
    'ending all others': async (person, login) => {
        const { token } = await signIn(server, login, person.password);
        await must(server, 'DELETE', '/v1/sessions', { token });
    },
    'a ban': (person, login) => operate(server, 'account', 'ban', login),
    'going for good': (person) => must(server, 'POST', '/v1/me/deletion', {
        token: person.token, body: { password: person.password },
    }),
};

for (const [name, end] of Object.entries(ends)) {
    test(`${name}: its token opens nothing any more, now and after a restart`, async () => {
        const login = name.replace(/\W/g, '');
        const person = await signUp(server, login, { email: `${login}@example.org` });
        for (const [door, opens] of Object.entries(doors))
            assert.equal(await opens(person.token), true, door);
        await end(person, login);
        for (const [door, opens] of Object.entries(doors))
            assert.equal(await opens(person.token), false, door);
        const { status, code } = await refusedSocket(`${server.socketUrl}/v1/ws?token=${person.token}`);
        assert.ok(status === 401 || code === 4401, `${status} ${code}`);
        ended.push(person.token);
    });
}

const ended = [];

test('a restart gives none of them back', async () => {
    await server.restart();
    assert.equal(ended.length, Object.keys(ends).length);
    for (const token of ended)
        for (const [door, opens] of Object.entries(doors))
            assert.equal(await opens(token), false, door);
    assert.equal(await doors['Authorization: Bearer'](ann.token), true);
});
