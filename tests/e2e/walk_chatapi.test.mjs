// A walk through ChatAPI (001) as its clients take it: register, sign in, who is there, a chat,
// both on its WebSocket, and home.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as chatapi from './chatapi.mjs';
import { eventually } from './client.mjs';
import { ChatApiPerson } from './people/chatapi.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

/** One is online while the socket is open, as one's own list of users says. */
async function isOnline({ token, id }) {
    const { body } = await chatapi.ask(server, 'GET', '/users/', { token });
    return body.find((user) => user.id === id).is_online;
}

const presenceOf = (person, wanted) => eventually(() => isOnline(person), (is) => is === wanted,
    'presence');

test('register, sign in, list, create, open, send, receive, leave', async () => {
    const [ann, bob] = ['Annie', 'Robert'].map((name) => new ChatApiPerson(server, name));
    for (const person of [ann, bob]) {
        await person.signUp();
        await person.signIn();
        const { body } = await chatapi.ask(server, 'GET', '/users/me', person);
        assert.equal(body.username, person.login);
        assert.equal(body.email, person.email);
        await presenceOf(person, false);
    }

    const room = await ann.make('a walk');
    await ann.connect();
    await ann.enter(room);
    ann.say('is anybody here?');
    await ann.sees('is anybody here?');

    await bob.connect();
    await presenceOf(bob, true);
    await bob.enter(room);
    assert.deepEqual(bob.texts(), ['is anybody here?']);
    bob.say('yes, I am');
    await Promise.all([ann, bob].map((person) => person.sees('yes, I am')));
    assert.deepEqual(ann.shown.map(({ author, text }) => [author, text]),
        [['Annie', 'is anybody here?'], ['Robert', 'yes, I am']]);

    await bob.close();
    await presenceOf(bob, false);
    await ann.signOut();
});
