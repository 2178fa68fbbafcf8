// Who loses a power loses it at once: on open sockets too, in rooms, and through keys and tokens
// that came of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, post, refused, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

const SESSION_ENDED = 4401;

let server, root, ann;
before(async () => {
    server = await Server.start();
    root = await signUpAs(server, 'root', 'admin');
    ann = await signUp(server, 'ann');
});
after(() => server.close());

const admin = (method, path, body) => must(server, method, `/v1/admin/${path}`, { token: root.token, body });

async function makeKey(scopes, account) {
    const key = await admin('POST', 'keys', { name: 'a test', scopes, account });
    keepSecret(key.token);
    return key;
}

test('who is an admin no more governs neither accounts nor rooms, on an open socket too', async () => {
    const boss = await signUpAs(server, 'boss', 'admin');
    const room = await makeRoom(server, ann.token, 'private');
    const client = await Native.open(server, boss.token);
    await client.request('room.get', { room: room.id });
    await client.request('key.list');
    await admin('PUT', `accounts/${boss.id}/role`, { role: 'user' });
    await assert.rejects(client.request('key.list'), { name: 'forbidden' });
    await assert.rejects(client.request('account.ban', { account: ann.id }), { name: 'forbidden' });
    for (const [type, body] of [['room.get', {}], ['room.history', {}], ['room.delete', {}]])
        await assert.rejects(client.request(type, { room: room.id, ...body }), { name: 'not_found' });
    await client.close();
});

test('a banned or deleted bot\'s key does nothing more', async () => {
    for (const [login, end] of [['bot-1', ({ id }) => admin('PUT', `accounts/${id}/ban`, {})],
        ['bot-2', ({ id }) => admin('DELETE', `accounts/${id}`)]]) {
        const bot = await admin('POST', 'accounts', { login, password: '', role: 'bot' });
        const key = await makeKey('messages rooms', bot.id);
        const room = await makeRoom(server, key.token);
        const client = await Native.open(server, key.token);
        await end(bot);
        assert.equal((await client.closed).code, SESSION_ENDED);
        await refused(server, 'session_ended', 'POST', `/v1/rooms/${room.id}/messages`,
            { token: key.token, body: { text: 'still here' } });
    }
});

test('no token is minted for who is banned or deleted', async () => {
    const { token } = await makeKey('tokens');
    const mint = (id, name) => refused(server, name, 'POST', `/v1/admin/accounts/${id}/sessions`,
        { token, body: {} });
    const [bob, cat] = await Promise.all(['bob', 'cat'].map((login) => signUp(server, login)));
    await admin('PUT', `accounts/${bob.id}/ban`, {});
    await mint(bob.id, 'banned');
    await admin('DELETE', `accounts/${cat.id}`);
    await mint(cat.id, 'banned');
});

test('a minted token ends with the ban of its person, not with the key', async () => {
    const dan = await signUp(server, 'dan');
    const key = await makeKey('tokens');
    const minted = await must(server, 'POST', `/v1/admin/accounts/${dan.id}/sessions`,
        { token: key.token, body: {} });
    keepSecret(minted.token);
    await admin('DELETE', `keys/${key.session}`);
    await must(server, 'GET', '/v1/me', minted);
    await admin('PUT', `accounts/${dan.id}/ban`, {});
    await refused(server, 'session_ended', 'GET', '/v1/me', minted);
});

test('a key without the scope of messages hears no stream', async () => {
    const { token } = await makeKey('accounts tokens rooms');
    await refused(server, 'forbidden', 'GET', '/v1/events', { token });
});

test('who was a moderator of a room deletes nobody\'s messages any more', async () => {
    const eve = await signUp(server, 'eve');
    const room = await makeRoom(server, ann.token);
    await must(server, 'POST', `/v1/rooms/${room.id}/members`, { token: eve.token, body: {} });
    const { seq } = await post(server, ann.token, room.id, 'mine');
    const role = (name) => must(server, 'PUT', `/v1/rooms/${room.id}/members/${eve.id}/role`,
        { token: ann.token, body: { role: name } });
    const client = await Native.open(server, eve.token);
    await role('moderator');
    await client.request('message.pin', { room: room.id, seq });
    await role('member');
    for (const type of ['message.delete', 'message.unpin'])
        await assert.rejects(client.request(type, { room: room.id, seq }), { name: 'forbidden' });
    await client.close();
});
