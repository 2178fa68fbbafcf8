// matcha42 (dialect 004): in and out, passwords, links, being online.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    Native, call, eventually, must as natively, refused as refusedNatively, signUp as signUpNatively,
} from './client.mjs';
import { ask, must, newcomer, refused, signIn } from './matcha42.mjs';
import { openLink } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const LOGIN = '/api/user/login', LOGOUT = '/api/user/logout', RESET = '/api/user/reset_pass';
const VERIFY = '/api/user/verification', ONLINE = '/api/user/set_online';
const OFFLINE = '/api/user/set_offline';

/** Somebody new, signed in here. */
async function newPerson(login) {
    const { password } = await signUpNatively(server, login, { email: `${login}@example.org` });
    return { password, ...await signIn(server, { login, password }) };
}

const works = async ({ token }) => (await call(server, 'GET', '/v1/me', { token })).status === 200;

// ---- in and out ----

test('login gives a token and the id; both serve on the native API too', async () => {
    const ann = await newPerson('ann');
    const me = await natively(server, 'GET', '/v1/me', ann);
    assert.deepEqual([me.id, me.login, me.username], [ann.id, 'ann', 'ann']);
    for (const json of [{ login: 'ann', password: ann.password }]) {
        const { token } = await must(server, 'POST', LOGIN, { json });
        assert.ok(await works({ token: keepSecret(token) }));
    }
});

test('whoever is unknown, or has the wrong password, gets 400 in one and the same words', async () => {
    const { login } = await newPerson('anna');
    const texts = await Promise.all([{ login, password: 'not-it-1' }, { login: 'no-one', password: 'x-y-z-1' }]
        .map((params) => refused(server, 400, 401, 'POST', LOGIN, { params })));
    assert.equal(texts[0], texts[1]);
});

test('what is missing is named, and a password in the query is no password', async () => {
    const { login, password } = await newPerson('annika');
    assert.match(await refused(server, 400, 400, 'POST', LOGIN, { params: { login } }), /`password`/);
    assert.match(await refused(server, 400, 400, 'POST', LOGIN, { params: { password } }), /`login`/);
    assert.match(await refused(server, 400, 400, 'POST', LOGIN, { json: { login, password: [] } }),
        /`password`/);
    const query = new URLSearchParams({ login, password });
    await refused(server, 400, 400, 'POST', `${LOGIN}?${query}`, { params: {} });
    const half = { headers: { 'content-type': 'application/json' }, method: 'POST', body: '{' };
    assert.equal((await fetch(server.url + LOGIN, half)).status, 400);
});

test('routes take their methods, with and without a slash at the end', async () => {
    const ben = await newPerson('ben');
    assert.equal((await ask(server, 'GET', LOGIN)).status, 405);
    await refused(server, 405, 405, 'GET', LOGIN);
    assert.equal((await ask(server, 'GET', `${ONLINE}/`, { as: ben })).body, true);
    await must(server, 'POST', `${LOGIN}/`, { params: { login: 'ben', password: ben.password } });
});

test('logout by token ends that session alone', async () => {
    const { login, password } = await newPerson('carl');
    const [one, two] = [await signIn(server, { login, password }), await signIn(server, { login, password })];
    await must(server, 'POST', LOGOUT, { params: { token: one.token } });
    assert.deepEqual([await works(one), await works(two)], [false, true]);
    await refused(server, 401, 401, 'POST', LOGOUT, { params: { token: one.token } });
});

test('logout by login and password ends all sessions, and leaves none of its own', async () => {
    const { login, password } = await newPerson('cora');
    const all = [await signIn(server, { login, password }), await signIn(server, { login, password })];
    const socket = await Native.open(server, all[0].token);
    await refused(server, 400, 401, 'POST', LOGOUT, { params: { login, password: 'not-it-1' } });
    assert.ok(await works(all[0]));
    await must(server, 'POST', LOGOUT, { params: { login, password } });
    assert.equal((await socket.closed).code, 4401);
    for (const session of all)
        assert.equal(await works(session), false);
    const again = await signIn(server, { login, password });
    await eventually(() => natively(server, 'GET', '/v1/sessions', again),
        ({ sessions }) => sessions.length === 1, 'one session');
});

test('logout of nobody is refused, and says what is missing', async () => {
    assert.match(await refused(server, 400, 400, 'POST', LOGOUT), /`login`/);
    await refused(server, 401, 401, 'POST', LOGOUT, { params: { token: 'nonsense' } });
});

// ---- who is asking ----

test('the token comes as a parameter or as Bearer, and must be its user_id\'s', async () => {
    const dan = await newPerson('dan');
    const bearer = { authorization: `Bearer ${dan.token}` };
    assert.equal((await ask(server, 'GET', ONLINE, { params: { token: dan.token } })).body, true);
    assert.equal((await ask(server, 'POST', ONLINE, { json: { token: dan.token } })).body, true);
    assert.equal((await ask(server, 'GET', ONLINE, { headers: bearer })).body, true);
    await refused(server, 401, 401, 'GET', ONLINE);
    await refused(server, 401, 401, 'GET', ONLINE, { params: { token: 'nonsense' } });
    await refused(server, 401, 401, 'GET', ONLINE, { headers: bearer, params: { user_id: dan.id + 1 } });
    await refused(server, 400, 400, 'GET', ONLINE, { headers: bearer, params: { user_id: 'dan' } });
    const wrong = { authorization: 'Bearer nonsense' }; // which wins
    await refused(server, 401, 401, 'GET', ONLINE, { headers: wrong, params: { token: dan.token } });
});

test('no reply to a token in the query may be kept', async () => {
    const dora = await newPerson('dora');
    const { headers } = await ask(server, 'GET', ONLINE, { as: dora });
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
});

// ---- being online ----

const isOnline = (of, asker) => natively(server, 'GET', `/v1/accounts/${of.id}`, asker)
    .then(({ online }) => online);

test('set_online and set_offline answer a bare true, and are seen by a contact', async () => {
    const [eve, fay] = [await newPerson('eve'), await newPerson('fay')];
    await natively(server, 'POST', '/v1/direct', { token: eve.token, body: { account: fay.id } });
    for (const method of ['GET', 'POST']) {
        for (const [path, wanted] of [[ONLINE, true], [OFFLINE, false]]) {
            const { status, body } = await ask(server, method, path, { as: eve });
            assert.deepEqual([status, body], [200, true]);
            await eventually(() => isOnline(eve, fay), (online) => online === wanted, path);
        }
    }
});

test('HEAD does nothing', async () => {
    const [gil, hal] = [await newPerson('gil'), await newPerson('hal')];
    await natively(server, 'POST', '/v1/direct', { token: gil.token, body: { account: hal.id } });
    const { status } = await ask(server, 'HEAD', ONLINE, { as: gil });
    assert.equal(status, 405);
    await ask(server, 'GET', ONLINE, { as: hal });
    await eventually(() => isOnline(hal, gil), (online) => online, 'hal online');
    assert.equal(await isOnline(gil, hal), false);
});

test('the cookie of login serves for being online, from an allowed origin, and for nothing else', async () => {
    const { login, password, id } = await newPerson('ida');
    const reply = await fetch(server.url + LOGIN, {
        method: 'POST', body: new URLSearchParams({ login, password }),
    });
    keepSecret((await reply.json()).token);
    const [cookie] = reply.headers.getSetCookie();
    assert.match(cookie, /^matcha42=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    const headers = { cookie: cookie.split(';')[0] };
    for (const path of [ONLINE, OFFLINE])
        assert.equal((await ask(server, 'GET', path, { headers })).body, true);
    for (const more of [{ origin: 'https://elsewhere.example' }, { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' }])
        await refused(server, 401, 401, 'GET', ONLINE, { headers: { ...headers, ...more } });
    await refused(server, 401, 401, 'GET', '/api/message/send',
        { headers, params: { target_user_id: id, message: 'hi' } });

    const out = await ask(server, 'POST', LOGOUT, { params: { login, password } });
    assert.match(out.headers.getSetCookie()[0], /^matcha42=; .*Max-Age=0/);
    await refused(server, 401, 401, 'GET', ONLINE, { headers });
});

// ---- passwords and links ----

test('a password is changed with the old one, which ends all sessions but the new one', async () => {
    const jan = await newPerson('jan');
    const new_pass = keepSecret('another-secret-1');
    await refused(server, 401, 401, 'POST', RESET, { params: { old_pass: jan.password, new_pass } });
    await refused(server, 400, 401, 'POST', RESET, { as: jan, params: { old_pass: 'not-it-1', new_pass } });
    await refused(server, 400, 400, 'POST', RESET, { as: jan, params: { old_pass: jan.password, new_pass: 'x' } });
    const { token, user_id: id } = await must(server, 'POST', RESET,
        { as: jan, params: { old_pass: jan.password, new_pass } });
    assert.equal(id, jan.id);
    assert.deepEqual([await works(jan), await works({ token: keepSecret(token) })], [false, true]);
    await refused(server, 400, 401, 'POST', LOGIN, { params: { login: 'jan', password: jan.password } });
    await signIn(server, { login: 'jan', password: new_pass });
});

test('a password is reset once by the id of a mailed link', async () => {
    const kim = await newPerson('kim');
    await call(server, 'POST', '/v1/password-resets', { body: { login: 'kim' } });
    const reset_id = openLink(server, 'kim', 'reset'), new_pass = keepSecret('yet-another-secret-1');
    assert.match(await refused(server, 400, 400, 'POST', RESET, { params: { new_pass } }), /`reset_id`/);
    await refused(server, 400, 400, 'POST', RESET, { params: { new_pass, reset_id: 'nonsense' } });
    await must(server, 'POST', RESET, { params: { new_pass, reset_id } });
    assert.equal(await works(kim), false);
    await signIn(server, { login: 'kim', password: new_pass });
    await refused(server, 400, 400, 'POST', RESET, { params: { new_pass, reset_id } });
});

test('an account is verified by the id of its link and its own login', async () => {
    const [lea, max] = [await newPerson('lea'), await newPerson('max')];
    const ver_id = openLink(server, 'lea', 'verify');
    const verified = async () => (await natively(server, 'GET', '/v1/me', lea)).verified ?? false;
    assert.equal(await verified(), false);
    await refused(server, 400, 400, 'POST', VERIFY, { params: { ver_id } });
    const texts = await Promise.all([{ ver_id, login: max.login }, { ver_id, login: 'no-one' },
        { ver_id: 'nonsense', login: 'lea' }]
        .map((params) => refused(server, 400, 400, 'POST', VERIFY, { params })));
    assert.equal(new Set(texts).size, 1);
    assert.equal(await verified(), false);
    await must(server, 'POST', VERIFY, { params: { ver_id, login: 'lea' } });
    assert.equal(await verified(), true);
    await refused(server, 400, 400, 'POST', VERIFY, { params: { ver_id, login: 'lea' } });
});

test('too many wrong passwords get 429 in this document\'s words, with the time to wait', async () => {
    const strict = await Server.start({ settings: { 'rate.login': '3/500' } });
    const { password } = await signUpNatively(strict, 'ned');
    for (let i = 0; i < 3; i++)
        await refused(strict, 400, 401, 'POST', LOGIN, { params: { login: 'ned', password: 'not-it-1' } });
    for (const path of [LOGIN, LOGOUT, '/api/user/save_profile']) {
        const { status, headers, body } = await ask(strict, 'POST', path, { params: { login: 'ned', password } });
        assert.deepEqual([status, body.status, body.code], [429, 'error', 429], path);
        assert.match(headers.get('retry-after'), /^[1-9]\d*$/);
    }
    await strict.close();
});

test('with sign_in=proven nobody signs in before the link is used', async () => {
    const strict = await Server.start({ settings: { sign_in: 'proven' } });
    const person = newcomer('ola');
    await must(strict, 'POST', '/api/user/registr', { params: person });
    assert.match(await refused(strict, 400, 403, 'POST', LOGIN, { params: person }), /not proven/);
    const { login, password } = person;
    await refusedNatively(strict, 'forbidden', 'POST', '/v1/sessions', { body: { login, password } });
    await must(strict, 'POST', VERIFY, { params: { login: 'ola', ver_id: openLink(strict, 'ola', 'verify') } });
    await signIn(strict, person);
    await strict.close();
});
