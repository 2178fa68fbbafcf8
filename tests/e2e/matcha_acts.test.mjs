// Matcha's pages do a thing by REST and then tell of it on the socket: that is one act, with one
// effect and one notification.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { MatchaPerson } from './people/matcha.mjs';
import { Server } from './server.mjs';

let server;
before(async () => { server = await Server.start(); });
after(() => server.close());

async function load(login) {
    const person = new MatchaPerson(server, login, { transports: ['websocket'] });
    await person.connect();
    await person.signUp();
    await person.signIn();
    return person;
}

test('by REST and on the socket, once', async () => {
    const [ann, bob] = [await load('ann'), await load('bob')];
    const acts = [
        ['/api/likes', 'like', 'ann liked you'],
        ['/api/history', 'history', 'ann has visited your profile'],
        ['/api/fake', 'fake', 'You are blocked'],
    ];
    for (const [path, type, notice] of acts) {
        assert.equal(await ann.must('POST', `${path}/${bob.id}`), 'ok');
        ann.tell(type, bob);
        await bob.until(() => bob.notices.includes(notice), `notification '${notice}'`);
    }
    assert.equal(await ann.must('DELETE', `/api/likes/${bob.id}`), 'ok');
    ann.tell('dislike', bob);
    await bob.until(() => bob.notices.includes('ann disliked you'), 'the last notification');
    assert.deepEqual(bob.notices, [...acts.map(([, , notice]) => notice), 'ann disliked you']);
    assert.deepEqual((await bob.must('GET', `/api/users/${bob.id}`)).likes, null);
    await Promise.all([ann, bob].map((person) => person.close()));
});
