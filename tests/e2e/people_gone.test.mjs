// Who is banned or deleted counts no longer: neither their likes and visits, nor their place in
// lists; after a ban all of it is back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually, must, signUp } from './client.mjs';
import { signUpAs } from './operator.mjs';
import { Server } from './server.mjs';

let server, mod, ann, bob, cat;
before(async () => {
    server = await Server.start();
    mod = await signUpAs(server, 'mod', 'moderator');
    [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map((name) => signUp(server, name)));
    for (const who of [ann, cat])
        await must(server, 'PUT', `/v1/people/${bob.id}/like`, who);
    await must(server, 'POST', `/v1/people/${bob.id}/visits`, ann);
});
after(() => server.close());

/** What Bob sees of himself and in his lists: likes, visits and fame. */
const standing = async () => {
    const { likes = 0, visits = 0, fame = 0 } = await must(server, 'GET', '/v1/me/profile', bob);
    const lists = await Promise.all(['likes', 'visits'].map((list) =>
        must(server, 'GET', `/v1/me/${list}`, bob)));
    assert.ok(lists.every(({ people }) => people.every(({ account }) => account !== bob.id)));
    return [likes, visits, fame, ...lists.map(({ people }) => people.length)];
};
const becomes = (expected, what) =>
    eventually(standing, (found) => `${found}` === `${expected}`, what);

test('a ban withdraws what somebody has done, and its end gives it back', async () => {
    assert.deepEqual(await standing(), [2, 1, 40, 2, 1]); // 21 points
    await must(server, 'PUT', `/v1/admin/accounts/${ann.id}/ban`, { token: mod.token, body: {} });
    await becomes([1, 0, 19, 1, 0], 'what Ann did is withdrawn');
    await must(server, 'DELETE', `/v1/admin/accounts/${ann.id}/ban`, mod);
    await becomes([2, 1, 40, 2, 1], 'it counts again');
});

test('what a deleted person has done is over', async () => {
    await must(server, 'POST', '/v1/me/deletion',
        { token: cat.token, body: { password: cat.password } });
    await becomes([1, 1, 21, 1, 1], 'only what Ann did is left');
});
