// A walk through ChatBackend (002) as its clients take it: register, sign in, a room by its gid,
// the push by Socket.IO or by the raw socket, and home.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ChatBackendLinePerson, ChatBackendSocketPerson } from './people/chatbackend.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

async function signIn(Client, login) {
    const person = new Client(server, login);
    await person.signUp();
    await person.signIn();
    assert.equal(person.username, login);
    await person.connect();
    return person;
}

/** All that both see, and whose the page takes it to be. */
async function talk(ann, bob) {
    const room = await ann.make();
    await ann.enter(room);
    await ann.say('is anybody here?');
    await ann.sees('is anybody here?');
    await bob.enter(room);
    assert.deepEqual(bob.texts(), ['is anybody here?']);
    await bob.say('yes, I am');
    await Promise.all([ann, bob].map((person) => person.sees('yes, I am')));
    const seen = (person) => person.shown.map(({ author, text, isMine }) => [author, text, isMine]);
    assert.deepEqual(seen(ann), [[ann.login, 'is anybody here?', true], [bob.login, 'yes, I am', false]]);
    assert.deepEqual(seen(bob), [[ann.login, 'is anybody here?', false], [bob.login, 'yes, I am', true]]);
}

test('over Socket.IO 2.x: the page connects, says `auth`, and listens once it is answered', async () => {
    const ann = await signIn(ChatBackendSocketPerson, 'ann');
    const bob = await signIn(ChatBackendSocketPerson, 'bob');
    await talk(ann, bob);
    assert.deepEqual(ann.comers, ['join_room ann', 'join_room bob']);
    assert.deepEqual(bob.comers, ['join_room bob']);
    await bob.signOut();
    await ann.until(() => ann.comers.length === 3, 'word that bob is gone');
    assert.equal(ann.comers.at(-1), 'leave_room bob');
    await ann.signOut();
});

test('over the raw socket: one object without a delimiter, then all that is said', async () => {
    const ann = await signIn(ChatBackendLinePerson, 'carl');
    const bob = await signIn(ChatBackendLinePerson, 'dora');
    await talk(ann, bob);
    await bob.signOut();
    await ann.signOut();
});
