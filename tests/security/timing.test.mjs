// What a stranger learns from a clock by signing in: nothing of whether a login is somebody's.
//
// Logins of every document are tried in turns for somebody and for nobody.  If the two differ, the
// ranks of their times do (Mann and Whitney); |z| beyond Z_MAX comes by chance once in a million.
// The control is a mail to reset a password, which waits for the disk if it is somebody's: whoever
// times that learns what a sign-up says openly, as seldom (rate.mail), and it shows that a
// difference is seen.

import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { test } from 'node:test';

import { signUp } from '../e2e/client.mjs';
import { Server, keepSecret } from '../e2e/server.mjs';

const ROUNDS = 1500;
const Z_MAX = 5;
const long = { skip: process.env.KITH_LONG === undefined && 'only with --long' };

const wrong = keepSecret('not-the-password');
const json = (path, body) => ({ path, type: 'application/json', body: JSON.stringify(body) });
const form = (path, body) => ({ path, type: 'application/x-www-form-urlencoded', body: `${new URLSearchParams(body)}` });

/** A sign-in of each document with a wrong password. */
const logins = {
    native: (login) => json('/v1/sessions', { login, password: wrong }),
    'native, by e-mail': (login) => json('/v1/sessions', { login: `${login}@example.org`, password: wrong }),
    ChatAPI: (login) => json('/auth/login', { email: `${login}@example.org`, password: wrong }),
    ChatBackend: (login) => json('/login', { login, password: wrong }),
    'Pusher chat': (username) => json('/api/login', { username, password: wrong }),
    Matcha: (login) => json('/api/signin', { login, password: wrong }),
    matcha42: (login) => form('/api/user/login', { login, password: wrong }),
};

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Microseconds from the last byte of a request to its answer. */
function time(server, { path, type, body }) {
    return new Promise((resolve, reject) => {
        const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
        const asked = request(server.url + path, { method: 'POST', agent, headers }, (reply) => {
            const took = Number(process.hrtime.bigint() - begun) / 1000;
            reply.resume().on('end', () => resolve(took));
        });
        asked.on('error', reject);
        const begun = process.hrtime.bigint();
        asked.end(body);
    });
}

/** Times of both, asked in turns whose order is drawn. */
async function timesOf(server, some, none) {
    const times = { some: [], none: [] };
    for (let n = 0; n < ROUNDS; n++)
        for (const who of Math.random() < 0.5 ? ['some', 'none'] : ['none', 'some'])
            times[who].push(await time(server, who === 'some' ? some(n) : none(n)));
    return times;
}

/** How far the ranks of the one lie from the middle, in standard deviations. */
function rankZ(one, other) {
    const all = [...one.map((t) => [t, 1]), ...other.map((t) => [t, 0])].sort(([a], [b]) => a - b);
    const sum = all.reduce((total, [, mine], i) => total + mine * (i + 1), 0);
    const [n, m] = [one.length, other.length];
    return (sum - n * (n + m + 1) / 2) / Math.sqrt(n * m * (n + m + 1) / 12);
}

const median = (times) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];

async function compare(server, name, some, none) {
    const times = await timesOf(server, some, none);
    const z = rankZ(times.some, times.none);
    console.log(`${name}: median ${median(times.some).toFixed(0)} µs of somebody, `
        + `${median(times.none).toFixed(0)} of nobody, z ${z.toFixed(1)}`);
    return Math.abs(z);
}

test('no login takes longer for being somebody\'s', long, async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    await signUp(server, 'ann', { email: 'ann@example.org' });
    for (const [name, ask] of Object.entries(logins))
        assert.ok(await compare(server, name, () => ask('ann'), () => ask('bob')) < Z_MAX, name);
    await server.close();
});

test('what waits for the disk is told from what does not', long, async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    await signUp(server, 'ann', { email: 'ann@example.org' });
    const ask = (login) => json('/v1/password-resets', { login });
    assert.ok(await compare(server, 'reset', () => ask('ann'), () => ask('bob')) > Z_MAX);
    agent.destroy();
    await server.close();
});
