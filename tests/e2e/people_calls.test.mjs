// The calls about people on the WebSocket, and every event that they give, to whom it is for.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Native, signUp } from './client.mjs';
import { Packed } from './packed.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

let server, ann, bob, mod, sockets;
before(async () => {
    server = await Server.start();
    [ann, bob] = await Promise.all(['ann', 'bob'].map((name) => signUp(server, name)));
    mod = await signUpAs(server, 'mod', 'moderator');
    const [annsPhone, annsLaptop, bobs, mods] = await Promise.all([
        Native.open(server, ann.token), Packed.open(server, ann.token),
        Native.open(server, bob.token), Native.open(server, mod.token)]);
    sockets = { annsPhone, annsLaptop, bobs, mods };
});
after(async () => {
    Object.values(sockets).forEach((socket) => socket.close());
    await server.close();
});

const ask = async (socket, call, body) => (await socket.request(call, body)).body;
const hears = async (socket, type, wanted) => {
    const heard = await socket.heard((event) => event.type === type);
    assert.deepEqual(heard.body, wanted, type);
};
const notHeard = (socket, type) =>
    assert.ok(!socket.events.some((event) => event.type === type), type);

test('profiles are updated, shown, listed and recommended', async () => {
    const { annsPhone, annsLaptop, bobs } = sockets;
    await ask(annsPhone, 'profile.update', { gender: 'female', tags: [{ name: 'chess' }] });
    await ask(bobs, 'profile.update', { gender: 'male', age: 40, tags: [{ name: 'chess' }] });
    assert.equal((await annsLaptop.heard((event) => event.type === 'profile.updated'))
        .body.profile.gender, 'female');
    notHeard(bobs, 'people.disliked');
    assert.equal((await ask(annsPhone, 'profile.get', { account: bob.id })).age, 40);
    const { profiles } = await ask(annsLaptop, 'profile.list', { accounts: [bob.id] });
    assert.equal(profiles[0].login, 'bob');
    const { people: [first] } = await ask(annsPhone, 'people.recommend', { sort: 'tags' });
    assert.deepEqual([first.profile.account, first.common_tags], [bob.id, 1]);
    assert.equal((await ask(annsPhone, 'people.why_not', { account: bob.id })).recommended, true);
    assert.equal((await ask(annsPhone, 'people.tags', {})).tags[0].name, 'chess');
});

test('what is done to somebody is told to them', async () => {
    const { annsPhone, bobs } = sockets;
    const pair = { account: bob.id, by: ann.id };
    await ask(annsPhone, 'people.visit', { account: bob.id });
    await hears(bobs, 'people.visited', pair);
    await ask(annsPhone, 'people.like', { account: bob.id });
    await hears(bobs, 'people.liked', pair);
    await ask(bobs, 'people.like', { account: ann.id });
    await hears(annsPhone, 'people.matched', { account: ann.id, by: bob.id });
    assert.equal((await ask(bobs, 'people.matches', {})).people[0].account, ann.id);
    await ask(annsPhone, 'people.unlike', { account: bob.id });
    await hears(bobs, 'people.unliked', { ...pair, matched: true });
    await ask(annsPhone, 'people.disconnect', { account: bob.id });
    await hears(bobs, 'people.disconnected', pair);
    await ask(annsPhone, 'people.connect', { account: bob.id });
    await hears(bobs, 'people.connected', pair);
    assert.equal((await ask(bobs, 'people.visits', {})).people[0].account, ann.id);
    assert.equal((await ask(bobs, 'people.likes', {})).people.length, 0);
});

test('what is thought of somebody is told to nobody but oneself', async () => {
    const { annsPhone, annsLaptop, bobs } = sockets;
    const pair = { account: bob.id, by: ann.id };
    await ask(annsPhone, 'people.dislike', { account: bob.id });
    await hears(annsLaptop, 'people.disliked', { ...pair, on: true });
    await ask(annsPhone, 'people.block', { account: bob.id });
    await hears(annsLaptop, 'people.blocked', pair);
    assert.equal((await ask(annsPhone, 'people.blocks', {})).people[0].account, bob.id);
    await ask(annsPhone, 'people.unblock', { account: bob.id });
    await hears(annsLaptop, 'people.unblocked', pair);
    await ask(annsPhone, 'people.visit', { account: mod.id }); // behind all that
    for (const type of ['people.disliked', 'people.blocked', 'people.unblocked'])
        notHeard(bobs, type);
});

test('a report is made, listed and resolved', async () => {
    const { annsPhone, bobs, mods } = sockets;
    const { id } = await ask(annsPhone, 'people.report', { account: bob.id, reason: 'spam' });
    assert.equal((await ask(mods, 'report.list', {})).reports[0].id, id);
    await assert.rejects(bobs.request('report.list', {}), { name: 'forbidden' });
    await assert.rejects(mods.request('report.resolve', { report: id, outcome: 'banned', until: 1 }),
        { name: 'invalid' });
    await ask(mods, 'report.resolve', { report: id, outcome: 'dismissed' });
    await hears(annsPhone, 'report.resolved',
        { report: id, account: bob.id, by: ann.id, outcome: 'dismissed' });
    notHeard(bobs, 'report.resolved');
});
