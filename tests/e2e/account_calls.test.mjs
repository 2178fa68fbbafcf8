// Accounts, sessions and keys on the WebSocket: each call of people and of staff, and the events
// that tell a person's other devices.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, must, refused, signIn, signUp } from './client.mjs';
import { openLink, signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const SESSION_ENDED = 4401;

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

/** Somebody new with two devices: {person, phone, laptop}. */
async function withTwoDevices(login, more) {
    const person = await signUp(server, login, more);
    const other = await signIn(server, login, person.password);
    const [phone, laptop] = await Promise.all([person, other].map(({ token }) =>
        Native.open(server, token)));
    after(() => [phone, laptop].forEach(({ socket }) => socket.terminate()));
    return { person, other, phone, laptop };
}

const told = (client, type) => client.heard((event) => event.type === type, type);
const body = async (answer) => (await answer).body;

test('a new name, e-mail and proof are told to one\'s other device', async () => {
    const { person, phone, laptop } = await withTwoDevices('ann', { email: 'ann@example.org' });
    const renamed = await body(phone.request('account.rename', { username: 'Ann B.' }));
    assert.equal(renamed.username, 'Ann B.');
    const email = keepSecret('ann.b@example.org');
    const moved = await body(phone.request('email.change', { password: person.password, email }));
    assert.deepEqual([moved.email, moved.verified ?? false], [email, false]);
    await phone.request('email.ask');
    const id = openLink(server, 'ann', 'verify');
    await must(server, 'POST', '/v1/email-verifications', { body: { id } });
    for (const client of [phone, laptop]) {
        const events = await Promise.all(['account.renamed', 'email.changed', 'email.verified']
            .map((type) => told(client, type)));
        assert.deepEqual(events.map((event) => event.body), [
            { account: person.id, username: 'Ann B.' }, { account: person.id, email },
            { account: person.id, email },
        ]);
    }
    assert.deepEqual(await body(laptop.request('account.get')), { ...moved, verified: true });
    assert.equal((await body(laptop.request('account.find', { login: 'ann' }))).id, person.id);
});

test('sessions are listed, renewed and ended', async () => {
    const { person, other, phone, laptop } = await withTwoDevices('bob');
    const { sessions } = await body(phone.request('session.list'));
    assert.deepEqual(sessions.map(({ id }) => id), [person.session, other.session]);
    const renewed = await body(phone.request('session.renew'));
    assert.equal(renewed.session, person.session);
    await must(server, 'GET', '/v1/me', { token: keepSecret(renewed.token) });
    await phone.request('session.revoke', { session: other.session });
    assert.equal((await laptop.closed).code, SESSION_ENDED);
    const third = await signIn(server, 'bob', person.password);
    const tablet = await Native.open(server, third.token);
    await phone.request('session.revoke_others');
    assert.equal((await tablet.closed).code, SESSION_ENDED);
    await phone.request('account.get');
});

test('another password ends all sessions, and its answer has the token to go on with', async () => {
    const { person, phone, laptop } = await withTwoDevices('cat');
    const password = keepSecret('another-password-1');
    const changed = phone.request('password.change', { password: person.password, new_password: password });
    const answer = await changed.catch(() => null); // the close may come first
    for (const client of [phone, laptop])
        assert.equal((await client.closed).code, SESSION_ENDED);
    if (answer !== null)
        await must(server, 'GET', '/v1/me', { token: keepSecret(answer.body.token) });
    await signIn(server, 'cat', password);
    await refused(server, 'session_ended', 'GET', '/v1/me', { token: person.token });
});

test('one says to be online, asks who else is, and leaves for good', async () => {
    const { person, phone } = await withTwoDevices('dan');
    await phone.request('presence.online', { online: true });
    const { people } = await body(phone.request('presence.get', { accounts: [person.id] }));
    assert.deepEqual(people, [{ account: person.id, online: true }]);
    await assert.rejects(phone.request('account.delete', { password: 'not this one' }),
        { name: 'bad_credentials' });
    await phone.request('account.delete', { password: person.password }).catch(() => {});
    assert.equal((await phone.closed).code, SESSION_ENDED);
});

test('staff makes, changes, bans and removes accounts', async () => {
    const root = await signUpAs(server, 'root', 'admin');
    const client = await Native.open(server, root.token);
    const password = keepSecret('given-to-eve-1');
    const eve = await body(client.request('account.create', { login: 'eve', password, email: 'eve@example.org' }));
    const { accounts } = await body(client.request('account.import', { accounts: [{ login: 'fay' }] }));
    assert.deepEqual(accounts, [{ login: 'fay', account: eve.id + 1 }]);
    const account = eve.id;
    const eves = await Native.open(server, (await signIn(server, 'eve', password)).token);
    await client.request('account.set_role', { account, role: 'bot' });
    assert.deepEqual((await told(eves, 'role.changed')).body, { account, role: 'bot' });
    await client.request('account.verify', { account });
    assert.deepEqual((await told(eves, 'email.verified')).body, { account, email: 'eve@example.org' });
    await assert.rejects(client.request('account.verify', { account: eve.id + 1 }),
        { name: 'invalid', detail: '`account`: has no e-mail' });
    await client.request('account.ban', { account, reason: 'too loud' });
    assert.equal((await eves.closed).code, SESSION_ENDED);
    assert.equal((await refused(server, 'banned', 'POST', '/v1/sessions',
        { body: { login: 'eve', password } })).detail, 'too loud');
    await client.request('account.unban', { account });
    await signIn(server, 'eve', password);
    await client.request('account.remove', { account });
    await refused(server, 'bad_credentials', 'POST', '/v1/sessions', { body: { login: 'eve', password } });
    await client.close();
});

test('staff mints tokens and makes keys; the system itself is nobody\'s to change', async () => {
    const boss = await signUpAs(server, 'boss', 'admin');
    const gus = await signUp(server, 'gus');
    const client = await Native.open(server, boss.token);
    const key = await body(client.request('key.create', { name: 'a test', scopes: 'tokens' }));
    keepSecret(key.token);
    const listed = async () => (await body(client.request('key.list'))).sessions.map(({ id }) => id);
    assert.ok((await listed()).includes(key.session));
    const minted = await must(server, 'POST', `/v1/admin/accounts/${gus.id}/sessions`,
        { token: key.token, body: {} });
    assert.equal(minted.account.id, gus.id);
    await assert.rejects(client.request('account.ban', { account: key.account.id }),
        { name: 'forbidden', detail: '`account`: is the system\'s' });
    const { body: same } = await client.request('session.mint', { account: gus.id, device: 'a kiosk' });
    await must(server, 'GET', '/v1/me', { token: keepSecret(same.token) });
    await client.request('key.revoke', { session: key.session });
    assert.ok(!(await listed()).includes(key.session));
    await client.close();
});
