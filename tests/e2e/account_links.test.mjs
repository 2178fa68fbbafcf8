// Links of mails: they prove an e-mail and reset a password, once, and do nothing else.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, must, refused, signIn, signUp } from './client.mjs';
import { claimsOf, openLink, operate, sign, signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const DAY = 86_400, HOUR = 3_600;
const nowS = () => Math.floor(Date.now() / 1000);
const verify = (id) => call(server, 'POST', '/v1/email-verifications', { body: { id } });
const ask = (login) => call(server, 'POST', '/v1/password-resets', { body: { login } });
const reset = (id, password) => call(server, 'PUT', '/v1/password-resets', { body: { id, password } });

test('a link proves an e-mail, once', async () => {
    const ann = await signUp(server, 'ann', { email: 'ann@example.org' });
    assert.equal(ann.account.verified, undefined);
    const id = openLink(server, 'ann', 'verify');
    assert.equal((await verify(id)).status, 204);
    assert.equal((await must(server, 'GET', '/v1/me', ann)).verified, true);
    assert.equal((await verify(id)).body.error.name, 'invalid');
});

test('the id of a link is a token with a use, good for a week or an hour', async () => {
    await signUp(server, 'format', { email: 'format@example.org' });
    const proof = claimsOf(openLink(server, 'format', 'verify'));
    assert.equal(proof.use, 'verify');
    assert.ok(Math.abs(proof.exp - nowS() - 7 * DAY) < 60, 'a week');
    await ask('format');
    const again = claimsOf(openLink(server, 'format', 'reset'));
    assert.equal(again.use, 'reset');
    assert.equal(again.sub, proof.sub);
    assert.notEqual(again.nonce, proof.nonce);
    assert.ok(Math.abs(again.exp - nowS() - HOUR) < 60, 'an hour');

    // Whoever has the server's key and the account's nonce can make it: so does the notifier.
    assert.equal((await verify(sign(server, proof))).status, 204);
});

test('every bad link is refused in the same words', async () => {
    const eve = await signUp(server, 'eve', { email: 'eve@example.org' });
    await signUp(server, 'other', { email: 'other@example.org' });
    const id = openLink(server, 'eve', 'verify');
    const claims = claimsOf(id);
    await ask('eve');
    const bad = [
        'nonsense', id.slice(0, -6), `${id}x`, eve.token,
        openLink(server, 'eve', 'reset'),
        sign(server, claims, { key: 'another key of thirty-two bytes.' }),
        sign(server, claims, { alg: 'HS512' }),
        sign(server, { ...claims, exp: nowS() - 1 }),
        sign(server, { ...claims, nonce: 'another' }),
        sign(server, { ...claims, sub: claimsOf(openLink(server, 'other', 'verify')).sub }),
        sign(server, { ...claims, sub: '999999' }),
        sign(server, { sub: claims.sub, use: 'verify', exp: claims.exp }),
    ];
    const answers = await Promise.all(bad.map(verify));
    for (const [at, { status, body }] of answers.entries()) {
        assert.equal(status, 400, `number ${at}: ${JSON.stringify(body)}`);
        assert.deepEqual(body, answers[0].body, `number ${at}`);
    }
    assert.equal(answers[0].body.error.name, 'invalid');
    assert.equal((await must(server, 'GET', '/v1/me', eve)).verified, undefined);
    assert.equal((await verify(id)).status, 204);
});

test('a link signs nobody in', async () => {
    const dan = await signUp(server, 'dan', { email: 'dan@example.org' });
    const claims = claimsOf(openLink(server, 'dan', 'verify'));
    const both = sign(server, { ...claims, jti: String(dan.session) });
    for (const token of [sign(server, claims), both])
        await refused(server, 'unauthenticated', 'GET', '/v1/me', { token });
});

test('nobody can name the account of a link', async () => {
    for (const field of [{ account: 1 }, { nonce: 'x' }])
        await refused(server, 'unknown_field', 'POST', '/v1/email-verifications',
            { body: { id: 'x', ...field } });
});

test('a forgotten password is reset: all sessions end, and the link is spent', async () => {
    const zoe = await signUp(server, 'zoe', { email: 'zoe@example.org' });
    const socket = await Native.open(server, zoe.token);
    assert.equal((await ask('zoe@example.org')).status, 204);
    const id = openLink(server, 'zoe', 'reset');
    const password = keepSecret('a-fresh-password-1');
    assert.equal((await reset(id, password)).status, 204);
    assert.equal((await socket.closed).code, 4401);
    await refused(server, 'session_ended', 'GET', '/v1/me', zoe);
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'zoe', password: zoe.password },
    });
    await signIn(server, 'zoe', password);
    assert.equal((await reset(id, password)).body.error.name, 'invalid');
});

test('asking for nobody is answered as for somebody', async () => {
    await signUp(server, 'known');
    const [known, unknown] = await Promise.all([ask('known'), ask('nobody-at-all')]);
    assert.equal(known.status, 204);
    assert.deepEqual([unknown.status, unknown.body], [known.status, known.body]);
});

test('a reset needs a password that will do', async () => {
    await signUp(server, 'short');
    await ask('short');
    const id = openLink(server, 'short', 'reset');
    assert.equal((await reset(id, '12345')).body.error.name, 'invalid');
    assert.equal((await reset(id, keepSecret('long-enough-1'))).status, 204);
});

test('a link outlives a restart', async () => {
    const kim = await signUp(server, 'kim', { email: 'kim@example.org' });
    const id = openLink(server, 'kim', 'verify');
    await server.restart();
    assert.equal((await verify(id)).status, 204);
    assert.equal((await must(server, 'GET', '/v1/me', kim)).verified, true);
});

test('who proves an e-mail displaces who only claimed it', async () => {
    const mallory = await signUp(server, 'mallory', { email: 'owner@example.org' });
    const owner = await signUp(server, 'owner');
    const claimed = await must(server, 'PUT', '/v1/me/email', {
        token: owner.token, body: { email: 'owner@example.org', password: owner.password },
    });
    assert.equal(claimed.email, 'owner@example.org');
    assert.equal((await verify(openLink(server, 'owner', 'verify'))).status, 204);
    assert.equal((await must(server, 'GET', '/v1/me', mallory)).email, '');
    const { account } = await signIn(server, 'owner@example.org', owner.password);
    assert.equal(account.id, owner.id);
    await refused(server, 'exists', 'PUT', '/v1/me/email', {
        token: mallory.token, body: { email: 'owner@example.org', password: mallory.password },
    });
});

test('the link is sent again to who asks for it', async () => {
    const { token } = await signUp(server, 'again', { email: 'again@example.org' });
    const first = claimsOf(openLink(server, 'again', 'verify'));
    assert.equal((await call(server, 'POST', '/v1/me/email/link', { token })).status, 204);
    assert.equal(claimsOf(openLink(server, 'again', 'verify')).nonce, first.nonce);
    const bare = await signUp(server, 'bare');
    await refused(server, 'invalid', 'POST', '/v1/me/email/link', { token: bare.token });
});

test('staff vouches for an e-mail', async () => {
    const root = await signUpAs(server, 'root', 'admin');
    const may = await signUp(server, 'may', { email: 'may@example.org' });
    const path = (id) => `/v1/admin/accounts/${id}/verified`;
    assert.equal((await call(server, 'PUT', path(may.id), { token: root.token })).status, 204);
    assert.equal((await must(server, 'GET', '/v1/me', may)).verified, true);
    await refused(server, 'not_found', 'PUT', path(999_999), { token: root.token });
    await refused(server, 'forbidden', 'PUT', path(root.id), { token: may.token });
    assert.match(operate(server, 'account', 'show', 'may', '--json'), /"verified":true/);
});
