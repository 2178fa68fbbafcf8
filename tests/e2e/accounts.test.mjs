// Accounts and sign-in over the native API.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, eventually, must, refused, signIn, signUp } from './client.mjs';
import { Server, keepSecret } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const headOf = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));

test('sign-up gives an account and a session, ids dense from 1', async () => {
    const startedUs = Date.now() * 1000;
    const ann = await signUp(server, 'ann', { username: 'Ann', email: 'ann@example.org' });
    assert.equal(ann.account.id, 1);
    const { created, uuid, ...rest } = ann.account;
    assert.deepEqual(rest, {
        id: 1, login: 'ann', username: 'Ann', email: 'ann@example.org', online: false, role: 'user',
    });
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(created >= startedUs - 1e6 && created <= Date.now() * 1000 + 1e6, 'time in µs');
    assert.ok(Number.isInteger(ann.session));
    assert.equal((await signUp(server, 'bob')).account.id, 2);
});

test('sign-up answers 201; username defaults to login, e-mail to nothing', async () => {
    const password = keepSecret('a-fine-password-1');
    const { status, body } = await call(server, 'POST', '/v1/accounts', {
        body: { login: 'plain', password },
    });
    assert.equal(status, 201);
    assert.equal(body.account.username, 'plain');
    assert.equal(body.account.email, '');
    assert.equal((await call(server, 'POST', '/v1/sessions', {
        body: { login: 'plain', password },
    })).status, 201);
});

test('a token is an HS256 JWT with the claims that clients look for', async () => {
    const { token, account } = await signUp(server, 'claims', { email: 'claims@example.org' });
    assert.equal(headOf(token).alg, 'HS256');
    const claims = claimsOf(token);
    assert.equal(claims.sub, String(account.id));
    assert.equal(claims.id, account.id);
    assert.equal(claims.identity, account.id);
    assert.equal(claims.email, 'claims@example.org');
    assert.ok(claims.jti !== undefined);
    assert.ok(Math.abs(claims.exp - claims.iat - 30 * 86_400) < 60, 'good for 30 days');
});

test('sign-in takes login, e-mail or username', async () => {
    const eve = await signUp(server, 'eve', { username: 'Eve Adams', email: 'eve@example.org' });
    for (const name of ['eve', 'eve@example.org', 'Eve Adams'])
        assert.equal((await signIn(server, name, eve.password)).account.id, eve.id, name);
});

test('a shared username signs in only its first holder', async () => {
    const first = await signUp(server, 'twin-1', { username: 'Twin' });
    const second = await signUp(server, 'twin-2', { username: 'Twin' });
    assert.equal((await signIn(server, 'Twin', first.password)).account.id, first.id);
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'Twin', password: second.password },
    });
});

test('a wrong password and an unknown login get one and the same answer', async () => {
    await signUp(server, 'known');
    const body = { login: 'known', password: keepSecret('not-the-password') };
    const wrong = await refused(server, 'bad_credentials', 'POST', '/v1/sessions', { body });
    const unknown = await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { ...body, login: 'nobody-at-all' },
    });
    assert.deepEqual(wrong, unknown);
    assert.equal(wrong.status, 401);
});

test('names are unique: login, e-mail, and one as the other', async () => {
    await signUp(server, 'taken', { email: 'taken@example.org' });
    const password = keepSecret('a-fine-password-2');
    for (const body of [
        { login: 'taken', password },
        { login: 'other-1', email: 'taken@example.org', password },
        { login: 'taken@example.org', password },
        { login: 'other-2', username: 'taken', password },
    ]) {
        const error = await refused(server, 'exists', 'POST', '/v1/accounts', { body });
        assert.equal(error.status, 409, JSON.stringify(body));
    }
});

test('of many who sign up at once with one login exactly one succeeds', async () => {
    const tries = await Promise.all(Array.from({ length: 10 }, () =>
        call(server, 'POST', '/v1/accounts', {
            body: { login: 'race', password: keepSecret('a-fine-password-3') },
        })));
    assert.deepEqual(tries.map(({ status }) => status).sort(), [201, ...Array(9).fill(409)]);
});

test('fields out of bounds are refused, with the field named', async () => {
    const password = keepSecret('a-fine-password-4');
    for (const [field, value] of [
        ['login', ''], ['login', 'x'.repeat(65)], ['login', 'tab\there'], ['login', '<script>'],
        ['login', 'bidi\u202eabc'], ['username', 'x'.repeat(51)], ['username', `O"Neil`],
        ['password', '12345'], ['password', 'x'.repeat(129)], ['email', `${'x'.repeat(251)}@a.b`],
        ['email', 'not-an-address'],
    ]) {
        const error = await refused(server, 'invalid', 'POST', '/v1/accounts', {
            body: { login: 'bounds', password, [field]: value },
        });
        assert.ok(error.detail.includes(field), `detail names ${field}: ${error.detail}`);
    }
});

test('a name is needed, and beside a long login a shown one', async () => {
    const password = keepSecret('a-fine-password-5');
    for (const [body, detail] of [
        [{ email: 'nobody@example.org' }, '`login`: is missing'],
        [{ login: 'x'.repeat(51) }, '`username`: must be given beside so long a login'],
    ]) {
        const error = await refused(server, 'invalid', 'POST', '/v1/accounts', {
            body: { ...body, password },
        });
        assert.equal(error.detail, detail);
    }
});

test('people see their own e-mail and not those of others', async () => {
    const mia = await signUp(server, 'mia', { email: 'mia@example.org' });
    const max = await signUp(server, 'max');
    const ask = (path, { token }) => must(server, 'GET', path, { token });
    assert.deepEqual(await ask('/v1/me', mia), mia.account);
    assert.equal((await ask(`/v1/accounts/${mia.id}`, mia)).email, 'mia@example.org');
    assert.deepEqual(await ask(`/v1/accounts/${mia.id}`, max), { ...mia.account, email: '' });
    const { accounts } = await ask('/v1/accounts?limit=1000', max);
    assert.equal(accounts.find(({ id }) => id === mia.id).email, '');
    await refused(server, 'not_found', 'GET', '/v1/accounts/999999', { token: max.token });
});

test('the list of accounts is paged by ascending id', async () => {
    const { token, id } = await signUp(server, 'lister');
    await Promise.all([1, 2, 3, 4, 5].map((n) => signUp(server, `listed-${n}`)));
    const all = [];
    for (let last = 0; ;) {
        const page = await must(server, 'GET', `/v1/accounts?after=${last}&limit=3`, { token });
        assert.ok(page.accounts.length <= 3);
        assert.ok(Number.isInteger(page.as_of));
        if (page.accounts.length === 0)
            break;
        all.push(...page.accounts.map((account) => account.id));
        last = all.at(-1);
    }
    assert.deepEqual(all, Array.from({ length: all.length }, (_, n) => n + 1));
    assert.ok(all.includes(id + 5));
    for (const limit of ['0', '1001', '-1', 'x'])
        await refused(server, 'invalid', 'GET', `/v1/accounts?limit=${limit}`, { token });
});

test('without a token every path says to sign in first', async () => {
    for (const [method, path] of [
        ['GET', '/v1/me'], ['GET', '/v1/accounts'], ['GET', '/v1/accounts/1'],
        ['DELETE', '/v1/session'], ['GET', '/v1/rooms'], ['GET', '/v1/rooms/1/messages'],
    ]) {
        const error = await refused(server, 'unauthenticated', method, path);
        assert.equal(error.status, 401);
    }
});

test('sign-out ends the session, a password change all earlier ones', async () => {
    const zoe = await signUp(server, 'zoe');
    const second = await signIn(server, 'zoe', zoe.password);
    assert.equal((await call(server, 'DELETE', '/v1/session', { token: zoe.token })).status, 204);
    await refused(server, 'session_ended', 'GET', '/v1/me', { token: zoe.token });
    await must(server, 'GET', '/v1/me', { token: second.token });

    const new_password = keepSecret('another-password-5');
    await refused(server, 'bad_credentials', 'PUT', '/v1/me/password', {
        token: second.token, body: { password: keepSecret('wrong-password'), new_password },
    });
    const changed = await must(server, 'PUT', '/v1/me/password', {
        token: second.token, body: { password: zoe.password, new_password },
    });
    keepSecret(changed.token);
    await refused(server, 'session_ended', 'GET', '/v1/me', { token: second.token });
    await must(server, 'GET', '/v1/me', { token: changed.token });
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'zoe', password: zoe.password },
    });
    await signIn(server, 'zoe', new_password);
});

test('accounts, tokens and their end outlive a restart and a kill', async () => {
    const kim = await signUp(server, 'kim');
    const gone = await signIn(server, 'kim', kim.password);
    await call(server, 'DELETE', '/v1/session', { token: gone.token });
    for (const again of [() => server.restart(), () => server.kill().then(() => server.launch())]) {
        await again();
        const me = await eventually(() => call(server, 'GET', '/v1/me', { token: kim.token }),
            ({ status }) => status === 200, 'the token is good');
        assert.deepEqual(me.body, kim.account);
        await refused(server, 'session_ended', 'GET', '/v1/me', { token: gone.token });
        keepSecret((await signIn(server, 'kim', kim.password)).token);
    }
});
