// Invitations: a person is asked into a room, comes, or turns it down.

import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { Native, call, makeRoom, must, post, refused, signUp } from './client.mjs';
import { Server } from './server.mjs';

let server;
let ann; // owns the room
let bob; // a member
let eve; // is asked in
let fay; // is not
let room;
before(async () => {
    server = await Server.start();
    [ann, bob, eve, fay] = await Promise.all(
        ['ann', 'bob', 'eve', 'fay'].map((name) => signUp(server, name)));
});
after(() => server.close());

beforeEach(async () => {
    room = (await makeRoom(server, ann.token, 'private', 'the den')).id;
    await must(server, 'POST', `/v1/rooms/${room}/members`, {
        token: ann.token, body: { account: bob.id },
    });
});

const invite = ({ token }, { id }) => must(server, 'POST', `/v1/rooms/${room}/invitations`, {
    token, body: { account: id },
});
const decline = ({ token }, { id }) =>
    call(server, 'DELETE', `/v1/rooms/${room}/invitations/${id}`, { token });
const invitations = async ({ token }) =>
    (await must(server, 'GET', '/v1/invitations', { token })).invitations;
const join = ({ token }) => must(server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
const open = (...people) => Promise.all(people.map(({ token }) => Native.open(server, token)));
const closeAll = (...clients) => Promise.all(clients.map((client) => client.close()));
const heard = (client, type) => client.heard((event) => event.type === type, type);

test('the person who is asked and the room hear it, nobody else does', async () => {
    const [anns, eves, phone, fays] = await open(ann, eve, eve, fay);
    const invitation = await invite(bob, eve);
    const { time, ...rest } = invitation;
    assert.deepEqual(rest, { room, account: eve.id, by: bob.id, name: 'the den' });
    assert.ok(Math.abs(time / 1000 - Date.now()) < 60_000);
    for (const client of [anns, eves, phone])
        assert.deepEqual((await heard(client, 'room.invited')).body, { invitation });
    assert.deepEqual(await invitations(eve), [invitation]);
    assert.deepEqual(await invitations(fay), []);
    assert.deepEqual(await invite(ann, eve), invitation, 'asking twice is asking once');
    await post(server, ann.token, room, 'not for her yet');
    const other = await makeRoom(server, fay.token);
    await post(server, fay.token, other.id, 'fence');
    await fays.heardText('fence');
    assert.ok(!fays.events.some(({ type }) => type === 'room.invited'));
    await refused(server, 'not_found', 'GET', `/v1/rooms/${room}/messages`, eve);
    assert.deepEqual(eves.texts(room), []);
    await decline(eve, eve);
    await closeAll(anns, eves, phone, fays);
});

test('an invitation lets in once, and what is said then is heard', async () => {
    await invite(bob, eve);
    const [eves] = await open(eve);
    const membership = await join(eve);
    assert.equal(membership.role, 'member');
    await post(server, ann.token, room, 'welcome');
    await eves.heardText('welcome');
    assert.deepEqual(await invitations(eve), []);
    await must(server, 'GET', `/v1/rooms/${room}/messages`, eve);
    await call(server, 'DELETE', `/v1/rooms/${room}/members/${eve.id}`, eve);
    await refused(server, 'not_found', 'POST', `/v1/rooms/${room}/members`, {
        token: eve.token, body: {},
    });
    await eves.close();
});

test('it is turned down by its person, taken back by who asked or by moderators', async () => {
    const [anns, eves] = await open(ann, eve);
    await invite(bob, eve);
    await refused(server, 'not_found', 'DELETE', `/v1/rooms/${room}/invitations/${eve.id}`, fay);
    assert.equal((await decline(eve, eve)).status, 204);
    for (const client of [anns, eves])
        assert.equal((await heard(client, 'room.uninvited')).body.by, eve.id);
    assert.equal((await decline(eve, eve)).status, 404);
    await invite(ann, eve);
    assert.equal((await decline(bob, eve)).status, 403);
    assert.equal((await decline(ann, eve)).status, 204);
    await invite(bob, eve);
    assert.equal((await decline(bob, eve)).status, 204);
    await refused(server, 'not_found', 'POST', `/v1/rooms/${room}/members`, {
        token: eve.token, body: {},
    });
    assert.deepEqual(await invitations(eve), []);
    await closeAll(anns, eves);
});

test('an invitation missed while away is resumed', async () => {
    const [eves] = await open(eve);
    const since = eves.lastSeq;
    await eves.close();
    const invitation = await invite(bob, eve);
    const again = await Native.open(server, eve.token, { since });
    assert.deepEqual((await heard(again, 'room.invited')).body, { invitation });
    await again.close();
});

test('only members invite, only people who are not in the room', async () => {
    const ask = (name, { token }, body) =>
        refused(server, name, 'POST', `/v1/rooms/${room}/invitations`, { token, body });
    await ask('not_found', fay, { account: eve.id });
    await ask('not_found', ann, { account: 999_999 });
    await ask('invalid', ann, { account: bob.id });
    await ask('invalid', ann, { account: ann.id });
    await ask('invalid', ann, {});
    const open = await makeRoom(server, ann.token);
    await refused(server, 'forbidden', 'POST', `/v1/rooms/${open.id}/invitations`, {
        token: fay.token, body: { account: eve.id },
    });
});

test('invitations are paged by their rooms', async () => {
    const gil = await signUp(server, 'gil');
    const rooms = [];
    for (let n = 0; n < 5; n++) {
        room = (await makeRoom(server, ann.token, 'private')).id;
        rooms.push(room);
        await invite(ann, gil);
    }
    const page = (query) => must(server, 'GET', `/v1/invitations?${query}`, gil);
    const first = await page('limit=2');
    assert.deepEqual(first.invitations.map((one) => one.room), rooms.slice(0, 2));
    const rest = await page(`after=${rooms[1]}`);
    assert.deepEqual(rest.invitations.map((one) => one.room), rooms.slice(2));
});
