// Clients of ChatBackend that send the MD5 of a password in its place: with `md5_clients=on`
// one account, one password, at every door; without it what they send is just the password.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';

import { ask, refused, register, signIn } from './chatbackend.mjs';
import * as native from './client.mjs';
import { Server, keepSecret } from './server.mjs';

let server;

before(async () => { server = await Server.start({ settings: { md5_clients: 'on' } }); });

after(() => server.close());

const md5 = (text) => keepSecret(createHash('md5').update(text).digest('hex'));

/** As such a client does it. */
const registerHashed = (login, password) =>
    register(server, login, { password: md5(password) });
const signInHashed = (login, password) => signIn(server, { login, password: md5(password) });

const isRefused = (login, password) => refused(
    server, 400, 'Login or password is invalid', 'POST', '/login', { body: { login, password } });
const isRefusedNatively = (login, password) =>
    native.refused(server, 'bad_credentials', 'POST', '/v1/sessions', { body: { login, password } });

test('who signed up by such a client signs in everywhere, with what they type', async () => {
    await registerHashed('ann', 'typed-by-ann');
    await signInHashed('ann', 'typed-by-ann');
    const { token } = await native.signIn(server, 'ann', 'typed-by-ann');
    await isRefusedNatively('ann', 'typed-by-bob');
    await isRefused('ann', md5('typed-by-bob'));
    await native.must(server, 'PUT', '/v1/me/password', {
        token, body: { password: 'typed-by-ann', new_password: 'typed-later' },
    });
    await signInHashed('ann', 'typed-later');
    await native.signIn(server, 'ann', 'typed-later');
    await isRefused('ann', md5('typed-by-ann'));
    await isRefusedNatively('ann', 'typed-by-ann');
});

test('who signed up elsewhere signs in by such a client, and by one that hashes nothing', async () => {
    const { password } = await native.signUp(server, 'bob');
    await signInHashed('bob', password);
    await signIn(server, { login: 'bob', password });
    await isRefusedNatively('bob', md5(password));
});

test('nothing of it is shown', async () => {
    await registerHashed('carl', 'typed-by-carl');
    const { token } = await native.signIn(server, 'carl', 'typed-by-carl');
    const me = await native.must(server, 'GET', '/v1/me', { token });
    assert.doesNotMatch(JSON.stringify(me), /argon2|verifier|md5/);
});

test('it outlives the server, and what is left when it is turned off is not used', async () => {
    await registerHashed('dora', 'typed-by-dora');
    const { password } = await native.signUp(server, 'emil');
    await server.kill();
    await server.launch();
    await native.signIn(server, 'dora', 'typed-by-dora');
    await server.stop();
    server.settings.md5_clients = 'off';
    await server.launch();
    await signInHashed('dora', 'typed-by-dora');
    await isRefusedNatively('dora', 'typed-by-dora');
    await isRefused('emil', md5(password));
    await native.signIn(server, 'emil', password);
    const { token } = await native.signIn(server, 'dora', md5('typed-by-dora'));
    assert.ok(token);
});

test('by default the MD5 is just a password', async () => {
    const plain = await Server.start();
    const password = md5('typed-by-fritz');
    const body = { login: 'fritz', username: 'Fritz', password };
    assert.equal((await ask(plain, 'POST', '/register', { body })).body.ok, true);
    await signIn(plain, { login: 'fritz', password });
    await native.signIn(plain, 'fritz', password);
    await native.refused(plain, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'fritz', password: 'typed-by-fritz' },
    });
    await plain.close();
});
