// A walk through the Pusher chat (003) as its page takes it: register, sign in, who is there, a
// chat that the other hears of, both on its channel, and home.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PusherChatPerson, PUSHER } from './people/pusher_chat.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start({ settings: PUSHER }); });
after(() => server.close());

async function load(login, version) {
    const person = new PusherChatPerson(server, login, { version });
    await person.signUp();
    assert.deepEqual(await person.must('POST', '/api/register',
        { username: login, password: person.password }),
        { status: 'error', message: 'Could not add user' });
    await person.signIn();
    await person.connect();
    return person;
}

for (const version of [4, 7, 8]) {
    test(`with pusher-js ${version}`, async () => {
        const [ann, bob] = [await load(`ann${version}`, version), await load(`bob${version}`, version)];
        const users = await ann.users();
        for (const { id, login: userName } of [ann, bob])
            assert.deepEqual(users.filter((user) => user.id === id), [{ id, userName }]);

        const room = { other: (person) => (person === ann ? bob : ann) };
        await ann.enter(room);
        await bob.until(() => bob.asked.length === 1, 'a new chat');
        assert.deepEqual(bob.asked[0], {
            from_user: ann.id, to_user: bob.id,
            from_user_notification_channel: `private-notification_user_${ann.id}`,
            to_user_notification_channel: `private-notification_user_${bob.id}`,
            channel_name: `private-chat_${ann.id}_${bob.id}`,
        });
        await ann.say('hello');
        await ann.sees('hello');
        await bob.enter(room);
        assert.equal(bob.channel.name, ann.channel.name, 'the first one\'s order, for both');
        assert.deepEqual(bob.texts(), ['hello']);
        await bob.say('hello yourself');
        await Promise.all([ann, bob].map((person) => person.sees('hello yourself')));
        assert.deepEqual(ann.shown.map(({ author, text }) => [author, text]),
            [[ann.id, 'hello'], [bob.id, 'hello yourself']]);
        await bob.signOut();
        await ann.signOut();
    });
}
