// Long pages, and those who ask for many at once: nobody else waits until all are written.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { call, makeRoom, must, signUp } from './client.mjs';
import { Server } from './server.mjs';

const PAGES = 8;
const MESSAGES = 75;
const ROUNDS = 5;

let server;

before(async () => {
    server = await Server.start();
});
after(() => server.close());

async function take(path, token) {
    const reply = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(reply.status, 200);
    for await (const piece of reply.body)
        assert.ok(piece.length > 0);
}

/** Of the time that all pages take, the longest that somebody else waits for an answer. */
async function longestShare(path, token) {
    let left = PAGES;
    let longest = 0;
    const begin = performance.now();
    const pages = Array.from({ length: PAGES }, () => take(path, token).finally(() => left--));
    while (left > 0) {
        const asked = performance.now();
        await call(server, 'GET', '/healthz');
        longest = Math.max(longest, performance.now() - asked);
    }
    await Promise.all(pages);
    return longest / (performance.now() - begin);
}

test('between two pages others have their turn', async () => {
    const { token } = await signUp(server, 'greedy');
    const room = await makeRoom(server, token, 'private');
    const path = `/v1/rooms/${room.id}/messages`;
    const body = { text: '\u0001'.repeat(16_000) }; // six bytes each, once they are shown
    for (let i = 0; i < MESSAGES; i++)
        await must(server, 'POST', path, { token, body });

    // A machine that does something else for a while is nobody's fault; one round tells.
    const shares = [];
    while (shares.length < ROUNDS && !(shares.at(-1) < 1 / 3))
        shares.push(await longestShare(`${path}?limit=${MESSAGES}`, token));
    assert.ok(shares.at(-1) < 1 / 3, `of all the time others waited at once: ${shares}`);
});
