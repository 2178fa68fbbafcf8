// matcha42 (dialect 004): the walk of its document, by two people who get to know each other.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { Native, call, eventually } from './client.mjs';
import { ask, must, newcomer, refused, send, signIn } from './matcha42.mjs';
import { openLink } from './operator.mjs';
import { Server, keepSecret } from './server.mjs';

let server, ann, bob;
before(async () => { server = await Server.start(); });
after(() => server.close());

const get = (as, path, params) => must(server, 'GET', path, { as, params });
const about = (as, path, { id }, more) => get(as, path, { target_user_id: id, ...more });
const logins = ({ users }) => users.map(({ login }) => login);

/** Sooner or later somebody has this notification. */
const noticed = (as, ...wanted) => eventually(() => get(as, '/api/notifications'),
    ({ notifications }) => notifications.some(({ type, from, text }) =>
        type === wanted[0] && from === wanted[1] && text === (wanted[2] ?? '')), wanted.join());

/** Register, verify by the mailed id, sign in. */
async function join(login, more) {
    const person = newcomer(login, more);
    const { user_id: id } = await must(server, 'POST', '/api/user/registr', { params: person });
    await must(server, 'POST', '/api/user/verification',
        { params: { login, ver_id: openLink(server, login, 'verify') } });
    const signed = await signIn(server, person);
    assert.equal(signed.id, id);
    return { ...person, ...signed };
}

test('register, verify, fill in the profile', async () => {
    [ann, bob] = [await join('ann', { gender: 'female', age: 27 }), await join('bob')];
    await must(server, 'POST', '/api/user/save_profile', {
        as: ann, params: { sex: 'male', tags: 'sea, jazz', gps: '59.94,30.31' },
    });
    await must(server, 'POST', '/api/user/save_profile', {
        params: {
            login: 'bob', password: bob.password, gender: 'male', age: 30, sex: 'female',
            tags: 'jazz,tea', gps: '59.95,30.32', description: 'plays the bass',
            image: 'https://pictures.example.org/bob.png',
        },
    });
});

test('be recommended, visit, see who came', async () => {
    const { users: [found] } = await get(ann, '/api/research', { sort_by: 0 });
    assert.deepEqual([found.login, found.common_tags, found.distance_km], ['bob', 1, 2]);
    const profile = await about(ann, '/api/profile', bob);
    assert.deepEqual([profile.description, profile.age, profile.tags], ['plays the bass', 30, ['jazz', 'tea']]);
    assert.deepEqual(logins(await get(bob, '/api/user/history')), ['ann']);
    await noticed(bob, 'visit', 'ann');
});

test('like and be liked: a match, of which both hear, and a room', async () => {
    const socket = await Native.open(server, ann.token);
    assert.equal((await about(ann, '/api/user/like', bob)).match, false);
    assert.equal((await about(bob, '/api/user/like', ann)).match, true);
    const { member } = (await socket.heard(({ type }) => type === 'room.joined')).body;
    const { rooms } = (await socket.request('room.list')).body;
    assert.deepEqual(rooms.map(({ id, kind }) => [id, kind]), [[member.room, 'direct']]);
    await Promise.all([noticed(ann, 'match', 'bob'), noticed(bob, 'match', 'ann')]);
    assert.deepEqual(logins(await get(ann, '/api/research')), []);
    await socket.close();
});

test('chat, here and natively and by ChatAPI, with one token', async () => {
    const socket = await Native.open(server, bob.token);
    const chat = await chatapi.Chat.open(server, ann.token);
    await send(server, ann, bob, 'hello, bob');
    const { message } = (await socket.heard(({ type }) => type === 'room.posted')).body;
    await socket.post(message.room, 'hello, ann');
    await chat.heardText('hello, bob');
    await chat.heardText('hello, ann');
    await noticed(bob, 'message', 'ann', 'hello, bob');
    await must(server, 'POST', '/api/notifications',
        { params: { token: ann.token, user_id: bob.id, random_id: 1, message: 'look at your chat' } });
    await noticed(bob, 'note', 'ann', 'look at your chat');
    await chat.close();
    await socket.close();
});

test('block: neither sees the other, nor writes; unblock, and all is as before', async () => {
    await about(ann, '/api/user/block', bob);
    for (const [one, other] of [[ann, bob], [bob, ann]]) {
        await refused(server, 403, 900, 'GET', '/api/message/send',
            { as: one, params: { target_user_id: other.id, message: 'still there?', random_id: 7 } });
        assert.notEqual((await ask(server, 'GET', '/api/profile',
            { as: one, params: { target_user_id: other.id } })).status, 200);
        assert.deepEqual(logins(await get(one, '/api/user/history')), []);
    }
    await about(ann, '/api/user/unblock', bob);
    await send(server, bob, ann, 'still there!');
    assert.equal((await about(bob, '/api/profile', ann)).login, 'ann');
});

test('report, reset the password, sign out', async () => {
    await about(bob, '/api/report', ann, { report_id: 1 });
    await call(server, 'POST', '/v1/password-resets', { body: { login: 'bob' } });
    const new_pass = keepSecret('quite-another-1');
    await must(server, 'POST', '/api/user/reset_pass',
        { params: { reset_id: openLink(server, 'bob', 'reset'), new_pass } });
    await refused(server, 401, 401, 'GET', '/api/research', { as: bob });
    const again = await signIn(server, { login: 'bob', password: new_pass });
    await must(server, 'POST', '/api/user/logout', { params: { token: again.token } });
});
