// A walk through matcha42 (004) as its page would take it: register, prove the address, sign in,
// a profile, who is recommended, a visit and likes that match, messages, and what one is told of.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './client.mjs';
import { openLink } from './operator.mjs';
import { Matcha42Person } from './people/matcha42.mjs';
import { meetDirectly } from './people/rooms.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

async function load(login) {
    const person = new Matcha42Person(server, login);
    await person.signUp();
    const proof = await person.ask('POST', '/api/user/verification',
        { ver_id: openLink(server, login, 'verify'), login });
    assert.deepEqual([proof.status, proof.body.status], [200, 'ok']);
    await person.signIn();
    await person.must('POST', '/api/user/save_profile',
        { gender: login === 'ann' ? 'female' : 'male', sex: 'any', age: 30, tags: 'tea,chess' });
    return person;
}

const kinds = async (person) => (await person.notifications()).map(({ type, from }) => `${type} ${from}`);

test('register, verify, sign in, look around, match, talk, block, sign out', async () => {
    const [ann, bob] = [await load('ann'), await load('bob')];
    assert.deepEqual(await ann.must('GET', '/api/user/set_online'), true);
    const target = { target_user_id: bob.id };
    const { users } = await ann.must('GET', '/api/research', { sort_by: 0 });
    assert.deepEqual(users.map(({ user_id: id }) => id), [bob.id]);

    assert.equal((await ann.must('GET', '/api/profile/', target)).login, 'bob');
    const visitors = (await bob.must('GET', '/api/user/history/')).users;
    assert.deepEqual(visitors.map(({ login }) => login), ['ann']);
    await ann.must('GET', '/api/user/like/', target);
    await bob.must('GET', '/api/user/like/', { target_user_id: ann.id });
    for (const what of ['visit ann', 'like ann', 'match ann'])
        await eventually(() => kinds(bob), (told) => told.includes(what), what);

    const room = await meetDirectly(server, [ann, bob]);
    for (const person of [ann, bob]) {
        await person.connect();
        await person.enter(room);
    }
    await ann.say('hello');
    await bob.sees('hello');
    await bob.say('hello yourself');
    await Promise.all([ann, bob].map((person) => person.sees('hello yourself')));
    await eventually(() => bob.notifications(), (told) => told.some(({ type, from, text }) =>
        type === 'message' && from === 'ann' && text === 'hello'), 'the message');

    await bob.must('GET', '/api/user/block/', { target_user_id: ann.id });
    const refused = await ann.askAs('POST', '/api/message/send/',
        { ...target, random_id: 1, message: 'why?' });
    assert.deepEqual([refused.status, refused.body.code], [403, 900]);
    await bob.must('GET', '/api/user/unblock/', { target_user_id: ann.id });
    await ann.say('thank you');
    await bob.sees('thank you');
    assert.deepEqual(bob.texts(), ['hello', 'hello yourself', 'thank you']);
    await Promise.all([ann, bob].map((person) => person.signOut()));
});
