// What staff does to other people's accounts over REST, and what it may not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, call, eventually, must, refused, signIn, signUp } from './client.mjs';
import { openLink, signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server, root, mod, ann;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
    mod = await signUpAs(server, 'mod', 'moderator');
    ann = await signUp(server, 'ann', { email: 'ann@example.org' });
});
after(() => server.close());

const path = (id, what) => `/v1/admin/accounts/${id}${what ? `/${what}` : ''}`;
const VERIFIER = '$argon2id$v=19$m=8,t=1,p=1$fvnqkfVj2qN0hwaJwceYQw$';
// Of the password `brought-along-1`.
const BROUGHT = '$argon2id$v=19$m=8,t=1,p=1$yVFLCXjUnrdcVi3+y1SdLA$Ha0Jc1zDMlQmX2Qt2JZyJ6puan1celEOvsUQY38was8';

/** Everything that staff can do to an account. */
const deeds = (id) => [
    ['POST', '/v1/admin/accounts', { login: 'new', password: 'a-password-1' }],
    ['POST', '/v1/admin/imports', { accounts: [{ login: 'new' }] }],
    ['PUT', path(id, 'role'), { role: 'bot' }],
    ['PUT', path(id, 'ban'), { reason: 'spam' }],
    ['DELETE', path(id, 'ban')],
    ['PUT', path(id, 'verified')],
    ['DELETE', path(id)],
];

test('who is not staff may do none of it', async () => {
    const bob = await signUp(server, 'bob');
    for (const [method, where, body] of deeds(ann.id)) {
        await refused(server, 'forbidden', method, where, { token: bob.token, body });
        await refused(server, 'unauthenticated', method, where, { body });
    }
});

test('a moderator bans and unbans, and may do nothing else', async () => {
    for (const [method, where, body] of deeds(ann.id).filter(([, at]) => !at.endsWith('/ban')))
        await refused(server, 'forbidden', method, where, { token: mod.token, body });
    const { token } = mod;
    await refused(server, 'forbidden', 'PUT', path(root.id, 'ban'), { token, body: {} });
    await refused(server, 'forbidden', 'PUT', path(mod.id, 'ban'), { token, body: {} });
    const may = await signUp(server, 'may');
    await must(server, 'PUT', path(may.id, 'ban'), { token, body: {} });
    await must(server, 'DELETE', path(may.id, 'ban'), { token });
});

test('staff sees what is private', async () => {
    const seen = await must(server, 'GET', `/v1/accounts/${ann.id}`, mod);
    assert.equal(seen.email, 'ann@example.org');
    const { accounts } = await must(server, 'GET', '/v1/accounts', root);
    assert.equal(accounts.find(({ id }) => id === ann.id).email, 'ann@example.org');
});

test('an admin makes accounts, with a password and without', async () => {
    const { token } = root;
    const password = keepSecret('made-for-you-1');
    const made = await must(server, 'POST', '/v1/admin/accounts', {
        token, body: { login: 'made', password, username: 'Made M.', role: 'moderator' },
    });
    assert.equal(made.username, 'Made M.');
    assert.equal(made.role, 'moderator');
    assert.equal((await signIn(server, 'made', password)).account.id, made.id);

    await must(server, 'POST', '/v1/admin/accounts', { token, body: { login: 'bare', password: '' } });
    const chosen = keepSecret('chosen-myself-1');
    await must(server, 'PUT', '/v1/password-resets', {
        body: { id: openLink(server, 'bare', 'reset'), password: chosen },
    });
    await signIn(server, 'bare', chosen);
    for (const [body, name] of [
        [{ login: 'ann', password }, 'exists'], [{ login: 'x', password: '12345' }, 'invalid'],
        [{ login: 'x', password, role: 'system' }, 'forbidden'],
        [{ login: 'x', password, role: 'king' }, 'invalid'],
    ])
        await refused(server, name, 'POST', '/v1/admin/accounts', { token, body });
});

test('an import takes what it can, and says what became of each', async () => {
    const { token } = root;
    const accounts = [
        { login: 'moved', username: 'Moved M.', email: 'moved@example.org', verified: true,
            verifier: `${VERIFIER}c29tZXNhbHRzb21lc2FsdA` },
        { login: 'MOVED' },
        { login: 'weak', verifier: 'secret-1' },
        { login: 'costly', verifier: VERIFIER.replace('t=1', 't=999999') + 'c29tZXNhbHRzb21lc2FsdA' },
        { login: 'robot', role: 'bot' },
    ];
    const done = await must(server, 'POST', '/v1/admin/imports', { token, body: { accounts } });
    assert.deepEqual(done.accounts.map(({ login, error }) => [login, error]), [
        ['moved', undefined], ['MOVED', 'exists'], ['weak', 'invalid'], ['costly', 'invalid'],
        ['robot', undefined],
    ]);
    const moved = await must(server, 'GET', `/v1/accounts/${done.accounts[0].account}`, { token });
    assert.equal(moved.username, 'Moved M.');
    assert.equal(moved.verified, true);
});

test('a verifier of an import signs in with its password', async () => {
    const { token } = root;
    const password = keepSecret('brought-along-1');
    const [{ account }] = (await must(server, 'POST', '/v1/admin/imports', {
        token, body: { accounts: [{ login: 'young', verifier: BROUGHT }] },
    })).accounts;
    assert.equal((await signIn(server, 'young', password)).account.id, account);
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'young', password: keepSecret('not-the-password-4') },
    });
});

test('a thousand accounts come in one import', async () => {
    const accounts = Array.from({ length: 1000 }, (_, n) => ({ login: `import-${n}` }));
    const done = await must(server, 'POST', '/v1/admin/imports', {
        token: root.token, body: { accounts },
    });
    assert.equal(done.accounts.length, 1000);
    assert.ok(done.accounts.every(({ account }) => account > 0));
    await refused(server, 'invalid', 'POST', '/v1/admin/imports', {
        token: root.token, body: { accounts: [...accounts, { login: 'one-more' }] },
    });
});

test('an admin gives roles, but not their own', async () => {
    const { token } = root;
    const cleo = await signUp(server, 'cleo');
    const socket = await Native.open(server, cleo.token);
    const given = await must(server, 'PUT', path(cleo.id, 'role'), { token, body: { role: 'admin' } });
    assert.equal(given.role, 'admin');
    const event = await socket.heard(({ type }) => type === 'role.changed', 'the role');
    assert.deepEqual(event.body, { account: cleo.id, role: 'admin' });
    await refused(server, 'forbidden', 'PUT', path(root.id, 'role'), { token, body: { role: 'user' } });
    await must(server, 'PUT', path(cleo.id, 'role'), { token, body: { role: 'user' } });
    await refused(server, 'forbidden', 'PUT', path(ann.id, 'role'), {
        token: cleo.token, body: { role: 'bot' },
    });
    await refused(server, 'invalid', 'PUT', path(ann.id, 'role'), { token, body: { role: 'king' } });
    await refused(server, 'not_found', 'PUT', path(999_999, 'role'), { token, body: { role: 'bot' } });
    await socket.close();
});

test('a ban ends sessions and is told to who knows the password', async () => {
    const rude = await signUp(server, 'rude');
    const socket = await Native.open(server, rude.token);
    await must(server, 'PUT', path(rude.id, 'ban'), { token: mod.token, body: { reason: 'spam' } });
    assert.equal((await socket.closed).code, 4401);
    await refused(server, 'session_ended', 'GET', '/v1/me', rude);
    const signInAs = (password) => ({ body: { login: 'rude', password } });
    const error = await refused(server, 'banned', 'POST', '/v1/sessions', signInAs(rude.password));
    assert.equal(error.status, 403);
    assert.equal(error.detail, 'spam');
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions',
        signInAs(keepSecret('not-the-password-3')));
    assert.equal((await must(server, 'GET', `/v1/accounts/${rude.id}`, mod)).banned, true);
    assert.equal((await must(server, 'GET', `/v1/accounts/${rude.id}`, ann)).banned, undefined);
    await server.restart();
    await refused(server, 'banned', 'POST', '/v1/sessions', signInAs(rude.password));
    await must(server, 'DELETE', path(rude.id, 'ban'), { token: mod.token });
    await signIn(server, 'rude', rude.password);
    await refused(server, 'invalid', 'PUT', path(rude.id, 'ban'), {
        token: mod.token, body: { until: 1 },
    });
});

test('a ban that is over lets in', async () => {
    const meek = await signUp(server, 'meek');
    const until = (Date.now() + 1500) * 1000;
    await must(server, 'PUT', path(meek.id, 'ban'), { token: mod.token, body: { until } });
    const tryIn = () => call(server, 'POST', '/v1/sessions', {
        body: { login: 'meek', password: meek.password },
    });
    assert.equal((await tryIn()).body.error.name, 'banned');
    const reply = await eventually(tryIn, ({ status }) => status === 201, 'the ban is over');
    assert.ok(Date.now() * 1000 >= until, 'not before its time');
    keepSecret(reply.body.token);
});

test('an admin removes an account', async () => {
    const { token } = root;
    const nil = await signUp(server, 'nil');
    assert.equal((await call(server, 'DELETE', path(nil.id), { token })).status, 204);
    await refused(server, 'session_ended', 'GET', '/v1/me', nil);
    assert.ok((await must(server, 'GET', `/v1/accounts/${nil.id}`, ann)).deleted > 0);
    await refused(server, 'not_found', 'DELETE', path(nil.id), { token });
    await refused(server, 'forbidden', 'DELETE', path(root.id), { token });
});
