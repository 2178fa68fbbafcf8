// Ranks in a room: roles, kicks, bans and mutes, over REST and the WebSocket.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Native, call, eventually, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann; // owns the room
let bob; // its moderator
let cat; // a member
let dan; // nobody
let room;
before(async () => {
    server = await Server.start();
    [ann, bob, cat, dan] = await Promise.all(
        ['ann', 'bob', 'cat', 'dan'].map((name) => signUp(server, name)));
});
after(() => server.close());

beforeEach(async () => {
    room = (await makeRoom(server, ann.token)).id;
    for (const { token } of [bob, cat])
        await must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
    await setRole(ann, bob, 'moderator');
});

const SOON_US = 60_000_000;
const at = () => Date.now() * 1000;
const member = ({ id }, more = '') => `/v1/rooms/${room}/members/${id}${more}`;
const ban = ({ id }) => `/v1/rooms/${room}/bans/${id}`;
const setRole = ({ token }, whom, role) =>
    must(server, 'PUT', member(whom, '/role'), { token, body: { role } });
const done = async (method, path, { token }, body) =>
    assert.equal((await call(server, method, path, { token, body })).status, 204);
const forbidden = (method, path, { token }, body) =>
    refused(server, 'forbidden', method, path, { token, body });
const open = (...people) => Promise.all(people.map(({ token }) => Native.open(server, token)));
const closeAll = (...clients) => Promise.all(clients.map((client) => client.close()));
const heard = (client, type, test = () => true) => client.heard(
    ({ type: it, body }) => it === type && test(body), type);
const roles = async () => Object.fromEntries(
    (await must(server, 'GET', `/v1/rooms/${room}/members`, ann)).members
        .map(({ account, role }) => [account, role]));
const say = (text, { token }) => call(server, 'POST', `/v1/rooms/${room}/messages`, {
    token, body: { text },
});

test('owners give roles, and everybody in the room is told', async () => {
    const [cats, phone, dans] = await open(cat, cat, dan);
    const given = await setRole(ann, cat, 'moderator');
    assert.equal(given.role, 'moderator');
    for (const client of [cats, phone]) {
        const { body } = await heard(client, 'room.role_changed');
        assert.deepEqual(body, { member: given, by: ann.id });
    }
    assert.deepEqual(await roles(), { [ann.id]: 'owner', [bob.id]: 'moderator', [cat.id]: 'moderator' });
    await forbidden('PUT', member(cat, '/role'), bob, { role: 'member' });
    await forbidden('PUT', member(cat, '/role'), cat, { role: 'owner' });
    await forbidden('PUT', member(cat, '/role'), dan, { role: 'owner' });
    await refused(server, 'not_found', 'PUT', member(dan, '/role'), {
        token: ann.token, body: { role: 'member' },
    });
    for (const role of ['reader', 'king', '', undefined]) {
        await refused(server, 'invalid', 'PUT', member(cat, '/role'), {
            token: ann.token, body: { role },
        });
    }
    assert.deepEqual(dans.events.filter(({ type }) => type !== 'presence.changed'), []); // dan's own
    await closeAll(cats, phone, dans);
});

test('the last owner hands the room over before going', async () => {
    const error = await forbidden('DELETE', member(ann), ann);
    assert.match(error.detail, /owner/);
    await forbidden('PUT', member(ann, '/role'), ann, { role: 'member' });
    await setRole(ann, bob, 'owner');
    await done('DELETE', member(ann), ann);
    await done('DELETE', member(cat), cat);
    await done('DELETE', member(bob), bob);
    assert.equal((await must(server, 'GET', `/v1/rooms/${room}`, ann)).members ?? 0, 0);
});

test('whoever is put out hears it and then nothing more, on each device', async () => {
    const [anns, cats, phone] = await open(ann, cat, cat);
    await done('DELETE', member(cat), bob);
    for (const client of [anns, cats, phone]) {
        const { body } = await heard(client, 'room.left');
        assert.deepEqual(body, { room, account: cat.id, by: bob.id });
    }
    await post(server, ann.token, room, 'behind her back');
    await anns.heardText('behind her back');
    const other = await makeRoom(server, cat.token);
    await post(server, cat.token, other.id, 'elsewhere');
    for (const client of [cats, phone]) {
        await client.heardText('elsewhere');
        assert.deepEqual(client.texts(room), []);
    }
    const again = await Native.open(server, cat.token, { since: cats.welcome.as_of });
    await again.heardText('elsewhere');
    assert.deepEqual(again.texts(room), [], 'nor by a resume');
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: cat.token, body: {} });
    await closeAll(anns, cats, phone, again);
});

test('one puts out those below oneself only', async () => {
    await forbidden('DELETE', member(bob), cat);
    await forbidden('DELETE', member(ann), bob);
    await forbidden('DELETE', member(cat), dan);
    await refused(server, 'not_found', 'DELETE', member(dan), ann);
    await forbidden('PUT', ban(ann), bob, {});
    await forbidden('PUT', ban(dan), cat, {});
    await forbidden('PUT', member(bob, '/mute'), cat, { until: at() + SOON_US });
    const [anns] = await open(ann);
    await anns.request('room.kick', { room, account: bob.id });
    await assert.rejects(anns.request('room.kick', { room, account: ann.id }), { name: 'invalid' });
    assert.deepEqual(await roles(), { [ann.id]: 'owner', [cat.id]: 'member' });
    await anns.close();
});

test('whoever is banned stays out until then', async () => {
    const until = at() + 1_500_000;
    const [cats, bobs] = await open(cat, bob);
    await done('PUT', ban(cat), bob, { until, reason: 'spam' });
    for (const client of [cats, bobs]) {
        const { body } = await heard(client, 'room.banned');
        assert.equal(body.ban.account, cat.id);
        assert.equal(body.ban.reason, 'spam');
    }
    const error = await forbidden('POST', `/v1/rooms/${room}/members`, cat, {});
    assert.match(error.detail, /until \d{4}-\d\d-\d\dT/);
    await forbidden('POST', `/v1/rooms/${room}/messages`, cat, { text: 'let me in' });
    await forbidden('POST', `/v1/rooms/${room}/invitations`, ann, { account: cat.id });
    await forbidden('GET', `/v1/rooms/${room}/bans`, cat);
    const { bans } = await must(server, 'GET', `/v1/rooms/${room}/bans`, bob);
    assert.deepEqual(bans.map(({ account, by }) => [account, by]), [[cat.id, bob.id]]);

    await eventually(() => say('back again', cat), ({ status }) => status === 201, 'the ban ends');
    assert.deepEqual((await must(server, 'GET', `/v1/rooms/${room}/bans`, bob)).bans, []);
    await closeAll(cats, bobs);
});

test('a ban for good is lifted by hand', async () => {
    await done('PUT', ban(dan), ann, {});
    const error = await forbidden('POST', `/v1/rooms/${room}/members`, dan, {});
    assert.match(error.detail, /for good/);
    const [dans] = await open(dan);
    await forbidden('DELETE', ban(dan), cat);
    await done('DELETE', ban(dan), bob);
    assert.equal((await heard(dans, 'room.unbanned')).body.by, bob.id);
    await refused(server, 'not_found', 'DELETE', ban(dan), bob);
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: dan.token, body: {} });
    await refused(server, 'not_found', 'PUT', '/v1/rooms/999999/bans/1', {
        token: ann.token, body: {},
    });
    await refused(server, 'not_found', 'PUT', `/v1/rooms/${room}/bans/999999`, {
        token: ann.token, body: {},
    });
    await refused(server, 'invalid', 'PUT', ban(dan), {
        token: ann.token, body: { until: at() - SOON_US },
    });
    await dans.close();
});

test('nobody who is banned is added to a private room', async () => {
    const { id } = await makeRoom(server, ann.token, 'private');
    await done('PUT', `/v1/rooms/${id}/bans/${dan.id}`, ann, {});
    await forbidden('POST', `/v1/rooms/${id}/members`, ann, { account: dan.id });
});

test('whoever is muted reads and does not post, though they leave and come again', async () => {
    const [cats] = await open(cat);
    const muted = await must(server, 'PUT', member(cat, '/mute'), {
        token: bob.token, body: { until: at() + 2_000_000 },
    });
    assert.deepEqual((await heard(cats, 'room.role_changed')).body, { member: muted, by: bob.id });
    const error = await forbidden('POST', `/v1/rooms/${room}/messages`, cat, { text: 'but' });
    assert.match(error.detail, /muted .* until \d{4}-/);
    await forbidden('PUT', `/v1/rooms/${room}/typing`, cat, { typing: true });
    await must(server, 'GET', `/v1/rooms/${room}/messages`, cat);
    await done('DELETE', member(cat), cat);
    await must(server, 'POST', `/v1/rooms/${room}/members`, { token: cat.token, body: {} });
    await forbidden('POST', `/v1/rooms/${room}/messages`, cat, { text: 'but' });
    await eventually(() => say('at last', cat), ({ status }) => status === 201, 'the mute ends');
    await must(server, 'PUT', member(cat, '/mute'), {
        token: bob.token, body: { until: at() + SOON_US },
    });
    await must(server, 'PUT', member(cat, '/mute'), { token: bob.token, body: {} });
    await post(server, cat.token, room, 'free to speak');
    await cats.close();
});

test('the two of a direct room are equals', async () => {
    const direct = await must(server, 'POST', '/v1/direct', {
        token: ann.token, body: { account: bob.id },
    });
    const theirs = `/v1/rooms/${direct.id}/members/${bob.id}`;
    await forbidden('DELETE', theirs, ann);
    await forbidden('PUT', `${theirs}/role`, ann, { role: 'owner' });
    await forbidden('PUT', `${theirs}/mute`, ann, { until: at() + SOON_US });
    await forbidden('PUT', `/v1/rooms/${direct.id}/bans/${bob.id}`, ann, {});
    await forbidden('POST', `/v1/rooms/${direct.id}/invitations`, ann, { account: cat.id });
    await forbidden('DELETE', `/v1/rooms/${direct.id}`, ann);
});
