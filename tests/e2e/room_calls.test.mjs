// Rooms on the WebSocket: the calls that other files make over REST, and their events.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, makeRoom, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

const LONG = 3600 * 1e6;

let server, ann, bob, anns, bobs;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((login) => signUp(server, login)));
    [anns, bobs] = await Promise.all([ann, bob].map(({ token }) => Native.open(server, token)));
});
after(async () => {
    await Promise.all([anns.close(), bobs.close()]);
    await server.close();
});

const ask = async (client, type, body) => (await client.request(type, body)).body;
const told = (client, type, room) => client.heard(({ type: own, body }) => own === type &&
    [body.room, body.room?.id, body.member?.room, body.ban?.room, body.invitation?.room].includes(room), type);

test('a room is made, named, entered and deleted', async () => {
    const room = await ask(anns, 'room.create', { kind: 'open', name: 'a' });
    assert.equal((await ask(anns, 'room.rename', { room: room.id, name: 'b' })).name, 'b');
    const entered = await ask(bobs, 'room.enter', { room: room.id });
    assert.deepEqual([entered.account, entered.role], [bob.id, 'reader']);
    assert.deepEqual(await ask(bobs, 'room.enter', { room: room.id }), entered);
    assert.ok((await ask(bobs, 'room.ids')).rooms.includes(room.id));
    assert.deepEqual(await ask(bobs, 'room.find', { gid: room.gid }), entered);
    await ask(anns, 'room.delete', { room: room.id });
    await told(bobs, 'room.deleted', room.id);
    assert.ok(!(await ask(bobs, 'room.ids')).rooms.includes(room.id));
});

test('who asks to talk is heard each time, and gets the same room', async () => {
    const direct = await ask(anns, 'room.direct', { account: bob.id });
    assert.deepEqual(await ask(anns, 'room.request', { account: bob.id }), direct);
    assert.deepEqual(await ask(bobs, 'room.between', { account: ann.id }), direct);
    const requested = { account: bob.id, by: ann.id, room: direct.id, first: ann.id, second: bob.id };
    assert.deepEqual((await told(bobs, 'room.requested', direct.id)).body, requested);
    assert.deepEqual(await must(server, 'POST', '/v1/direct/requests', { token: bob.token, body: { account: ann.id } }),
        direct);
    assert.deepEqual((await told(anns, 'room.requested', direct.id)).body, { ...requested, account: ann.id, by: bob.id });
});

test('a person is invited, declines, is invited again, comes and gets a role', async () => {
    const { id: room } = await makeRoom(server, ann.token, 'private');
    const invitation = await ask(anns, 'room.invite', { room, account: bob.id });
    assert.deepEqual((await told(bobs, 'room.invited', room)).body, { invitation });
    assert.deepEqual((await ask(bobs, 'room.invitations')).invitations, [invitation]);
    await ask(bobs, 'room.decline', { room });
    await told(anns, 'room.uninvited', room);
    await ask(anns, 'room.invite', { room, account: bob.id });
    await ask(bobs, 'room.join', { room });
    const member = await ask(anns, 'room.set_role', { room, account: bob.id, role: 'moderator' });
    assert.deepEqual((await told(bobs, 'room.role_changed', room)).body, { member, by: ann.id });
});

test('a member is muted, banned and let in again', async () => {
    const { id: room } = await makeRoom(server, ann.token);
    await ask(bobs, 'room.join', { room });
    const until = Date.now() * 1000 + LONG;
    const muted = await ask(anns, 'room.mute', { room, account: bob.id, until });
    assert.equal(muted.muted_until, until);
    await assert.rejects(bobs.post(room, 'hush'), { name: 'forbidden' });
    await ask(anns, 'room.ban', { room, account: bob.id, reason: 'enough' });
    await told(bobs, 'room.left', room);
    const { bans } = await ask(anns, 'room.bans', { room });
    assert.deepEqual(bans.map(({ account, reason }) => [account, reason]), [[bob.id, 'enough']]);
    await ask(anns, 'room.unban', { room, account: bob.id });
    await told(anns, 'room.unbanned', room);
    await ask(bobs, 'room.join', { room });
});

test('a file is offered, and known to the readers of its room', async () => {
    const { id: room } = await makeRoom(server, ann.token, 'private');
    const offered = await ask(anns, 'file.offer', { room, name: 'a.txt' });
    assert.deepEqual(offered, { room, name: 'a.txt' });
    const reply = await fetch(`${server.url}/v1/rooms/${room}/files?name=a.txt`, {
        method: 'POST', headers: { authorization: `Bearer ${ann.token}` }, body: 'some words',
    });
    const file = await reply.json();
    assert.deepEqual(await ask(anns, 'file.get', { room, id: file.id }), file);
    await assert.rejects(bobs.request('file.get', { room, id: file.id }), { name: 'not_found' });
});
