// What people change of their own accounts: the name, the e-mail, and the end.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import {
    Native, call, history, makeRoom, must, post, refused, signIn, signUp,
} from './client.mjs';
import { Server, keepSecret } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const rename = ({ token }, username) => ({ token, body: { username } });
const change = ({ token, password }, email) => ({ token, body: { email, password } });

test('a new name is shown to all, and in what is said from now on', async () => {
    const ann = await signUp(server, 'ann');
    const bob = await signUp(server, 'bob');
    const room = await makeRoom(server, ann.token);
    await post(server, ann.token, room.id, 'before');
    const socket = await Native.open(server, ann.token);
    const renamed = await must(server, 'PUT', '/v1/me/username', rename(ann, 'Ann A.'));
    assert.deepEqual(renamed, { ...ann.account, username: 'Ann A.', online: true });
    const event = await socket.heard(({ type }) => type === 'account.renamed', 'the new name');
    assert.deepEqual(event.body, { account: ann.id, username: 'Ann A.' });
    const seen = await must(server, 'GET', `/v1/accounts/${ann.id}`, bob);
    assert.equal(seen.username, 'Ann A.');
    await post(server, ann.token, room.id, 'after');
    const names = (await history(server, ann.token, room.id)).map(({ username }) => username);
    assert.deepEqual(names, ['ann', 'Ann A.']);
    await signIn(server, 'Ann A.', ann.password);
    await socket.close();
});

test('a name of somebody else, or none at all, is refused', async () => {
    const eve = await signUp(server, 'eve');
    await signUp(server, 'max', { email: 'max@example.org' });
    for (const [username, name] of [
        ['MAX', 'exists'], ['max@example.org', 'exists'], ['<b>', 'invalid'], ['', 'invalid'],
        ['x'.repeat(51), 'invalid'],
    ]) {
        const error = await refused(server, name, 'PUT', '/v1/me/username', rename(eve, username));
        assert.match(error.detail, /username/);
    }
    await refused(server, 'unauthenticated', 'PUT', '/v1/me/username', { body: { username: 'x' } });
});

test('accounts are found by login', async () => {
    const kim = await signUp(server, 'kim', { email: 'kim@example.org' });
    const { token } = await signUp(server, 'seeker');
    const found = await must(server, 'GET', '/v1/logins/KIM', { token });
    assert.deepEqual(found, { ...kim.account, email: '' });
    for (const login of ['nobody', 'kim@example.org'])
        await refused(server, 'not_found', 'GET', `/v1/logins/${login}`, { token });
});

test('an e-mail is changed with the password, and signs in', async () => {
    const lea = await signUp(server, 'lea', { email: 'lea@example.org' });
    const changed = await must(server, 'PUT', '/v1/me/email', change(lea, 'lea@example.net'));
    assert.equal(changed.email, 'lea@example.net');
    await signIn(server, 'lea@example.net', lea.password);
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
        body: { login: 'lea@example.org', password: lea.password },
    });
    const none = await must(server, 'PUT', '/v1/me/email', change(lea, ''));
    assert.equal(none.email, '');
});

test('an e-mail that will not do is refused', async () => {
    const ida = await signUp(server, 'ida');
    await signUp(server, 'an@login');
    for (const [email, name] of [['nonsense', 'invalid'], ['an@login', 'exists']])
        await refused(server, name, 'PUT', '/v1/me/email', change(ida, email));
    await refused(server, 'bad_credentials', 'PUT', '/v1/me/email', change(
        { ...ida, password: keepSecret('not-the-password-1') }, 'ida@example.org'));
    assert.equal((await must(server, 'GET', '/v1/me', ida)).email, '');
});

test('a deleted account is gone for good: a login without a name', async () => {
    const zoe = await signUp(server, 'zoe', { username: 'Zoe Z.', email: 'zoe@example.org' });
    const sue = await signUp(server, 'sue');
    const socket = await Native.open(server, zoe.token);
    const gone = (password) => call(server, 'POST', '/v1/me/deletion', {
        token: zoe.token, body: { password },
    });
    assert.equal((await gone(keepSecret('not-the-password-2'))).status, 401);
    assert.equal((await gone(zoe.password)).status, 204);
    assert.equal((await socket.closed).code, 4401);
    await refused(server, 'session_ended', 'GET', '/v1/me', zoe);
    const { deleted, ...left } = await must(server, 'GET', `/v1/accounts/${zoe.id}`, sue);
    assert.ok(deleted > 0);
    assert.equal(left.login, 'zoe');
    assert.equal(left.username, 'deleted');
    for (const login of ['zoe', 'Zoe Z.', 'zoe@example.org', 'deleted'])
        await refused(server, 'bad_credentials', 'POST', '/v1/sessions', {
            body: { login, password: zoe.password },
        });
    await refused(server, 'exists', 'POST', '/v1/accounts', {
        body: { login: 'zoe', password: keepSecret('somebody-else-1') },
    });
    await signUp(server, 'heir', { email: 'zoe@example.org' });
    await refused(server, 'not_found', 'POST', '/v1/direct', {
        token: sue.token, body: { account: zoe.id },
    });
});

test('changes outlive a restart', async () => {
    const may = await signUp(server, 'may');
    await must(server, 'PUT', '/v1/me/username', rename(may, 'May M.'));
    const before = await must(server, 'PUT', '/v1/me/email', change(may, 'may@example.org'));
    await server.restart();
    assert.deepEqual(await must(server, 'GET', '/v1/me', may), before);
});

test('who opens a direct room shows their e-mail, and with reveal_emails everybody does', async () => {
    const open = await Server.start({ settings: { reveal_emails: 'signed-in' } });
    try {
        for (const [at, reveals] of [[server, false], [open, true]]) {
            const ron = await signUp(at, 'ron', { email: 'ron@example.org' });
            const pal = await signUp(at, 'pal');
            const seen = async () => (await must(at, 'GET', `/v1/accounts/${ron.id}`, pal)).email;
            const rik = await signUp(at, 'rik', { email: 'rik@example.org' });
            const harvest = { token: pal.token, body: { account: rik.id } };
            assert.equal(await seen(), reveals ? 'ron@example.org' : '');
            await must(at, 'POST', '/v1/direct', { token: ron.token, body: { account: pal.id } });
            assert.equal(await seen(), 'ron@example.org');
            await must(at, 'POST', '/v1/direct', harvest);
            assert.equal((await must(at, 'GET', `/v1/accounts/${rik.id}`, pal)).email,
                reveals ? 'rik@example.org' : '', 'nobody asked him');
        }
    } finally {
        await open.close();
    }
});
