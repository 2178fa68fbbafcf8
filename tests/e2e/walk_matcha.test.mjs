// A walk through Matcha (000) as its page takes it: the socket opens when the page is loaded, and
// somebody signs in after; visits and likes, a match that opens a chat, the chat, and sign-out,
// after which the same socket serves the next one who signs in.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './client.mjs';
import { MatchaPerson } from './people/matcha.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

const notice = (person, text) =>
    person.until(() => person.notices.includes(text), `notification '${text}'`);

async function load(login, options) {
    const person = new MatchaPerson(server, login, options);
    await person.connect();
    await person.signUp();
    await person.signIn();
    return person;
}

const ways = {
    'polling, then WebSocket': {},
    'WebSocket only': { transports: ['websocket'] },
    'polling only': { transports: ['polling'] },
};

Object.entries(ways).forEach(([name, options], n) => test(`by ${name}`, async () => {
    const [ann, bob] = [await load(`ann${n}`, options), await load(`bob${n}`, options)];
    const logins = (await ann.must('GET', '/api/users')).map(({ login }) => login);
    assert.ok(logins.includes(ann.login) && logins.includes(bob.login));
    assert.equal((await ann.must('GET', `/api/users/${bob.id}`)).login, bob.login);
    assert.deepEqual(await ann.chats(), []);

    ann.tell('history', bob);
    await notice(bob, `${ann.login} has visited your profile`);
    ann.tell('like', bob);
    await notice(bob, `${ann.login} liked you`);
    bob.tell('like', ann);
    await notice(ann, `${bob.login} liked you`);

    const [chat, ...others] = await eventually(() => ann.chats(), (chats) => chats.length > 0, 'their chat');
    assert.deepEqual(others, []);
    assert.equal(chat.chat_name.split('+').sort().join(), [ann.login, bob.login].sort().join());
    assert.deepEqual(await bob.chats(), [chat]);

    await ann.enter({ id: chat.chat_id });
    await bob.enter({ id: chat.chat_id });
    assert.equal(ann.partner, bob.id);
    ann.say('hello');
    await Promise.all([ann, bob].map((person) => person.sees('hello')));
    await notice(bob, `${ann.login}: hello`);
    bob.say('hello yourself');
    await Promise.all([ann, bob].map((person) => person.sees('hello yourself')));
    assert.deepEqual(ann.texts(), ['hello', 'hello yourself']);
    assert.deepEqual(bob.heard.map(({ author }) => author), [ann.login, bob.login]);

    await bob.signOut();
    const refused = await bob.browser.ask('GET', '/api/chats');
    assert.deepEqual([refused.status, refused.body], [401, { msg: 'Missing Authorization Header' }]);
    ann.say('are you gone?');
    await ann.sees('are you gone?');
    assert.ok(!bob.texts().includes('are you gone?'), 'who has signed out hears nothing');

    assert.ok(bob.socket.connected);
    await bob.signIn();
    await bob.enter({ id: chat.chat_id });
    assert.deepEqual(bob.texts(), ['hello', 'hello yourself', 'are you gone?']);
    bob.say('here again'); // nothing answers `join`, but one hears oneself once one is in
    await bob.sees('here again');
    ann.say('welcome back');
    await bob.sees('welcome back');
    await Promise.all([ann, bob].map((person) => person.close()));
}));
