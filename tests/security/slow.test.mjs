// Slow heads, bodies and frames: each is ended within its limit, while all others are served.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { test } from 'node:test';

import { signUp } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';

const LONG = process.env.KITH_LONG !== undefined;
const SLACK_MS = 60_000; // a machine may be busy; what is not ended at all is not by then
const TOLD = 0.99; // of those that are ended: whoever is reset while it writes may not hear why

/** How many of each kind, and the limit of server.h. */
const rows = LONG
    ? [['head', 4000, 10_000], ['body', 3000, 30_000], ['frame', 3000, 30_000]]
    : [['head', 300, 10_000]];

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** The milliseconds of one healthy request. */
function ask(server, token) {
    return new Promise((resolve, reject) => {
        const begun = process.hrtime.bigint();
        const headers = { authorization: `Bearer ${token}` };
        request(`${server.url}/v1/me`, { agent, headers }, (reply) => {
            reply.resume().on('end', () => {
                assert.equal(reply.statusCode, 200);
                resolve(Number(process.hrtime.bigint() - begun) / 1e6);
            });
        }).on('error', reject).end();
    });
}

/** A body that comes in several pieces: it is not refused for those that never come. */
async function postMuch(server, token) {
    const reply = await fetch(`${server.url}/v1/rooms`, {
        method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{"kind":"open"}'.padEnd(200_000),
    });
    assert.equal(reply.status, 201);
    await reply.arrayBuffer();
}

async function askUntil(server, token, isOver) {
    const times = [];
    while (!isOver() || times.length < 1000) {
        times.push(await ask(server, token));
        if (times.length % 100 === 0)
            await postMuch(server, token);
    }
    times.sort((a, b) => a - b);
    return { asked: times.length, p99: times[Math.floor(times.length * 0.99)] };
}

/** A process of slow clients: {opened, ended}, two promises. */
function begin(server, token, [kind, count]) {
    const child = fork(new URL('slow_clients.mjs', import.meta.url));
    const heard = (name) => new Promise((resolve, reject) => {
        child.on('message', (message) => message[name] !== undefined && resolve(message[name]));
        child.on('exit', () => reject(new Error(`the slow clients ended before they were ${name}`)));
    });
    const ended = heard('done');
    const opened = heard('open');
    child.send({ port: server.port, kind, count, token });
    return { opened, ended };
}

test('slow clients are ended in time, and healthy ones are served', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const { token } = await signUp(server, 'ann');
    const alone = await askUntil(server, token, () => true);
    const crowds = rows.map((row) => begin(server, token, row));
    await Promise.all(crowds.map(({ opened }) => opened));
    let left = crowds.length;
    crowds.forEach(({ ended }) => ended.then(() => left--, () => left--));
    const beside = await askUntil(server, token, () => left === 0);
    const ends = await Promise.all(crowds.map(({ ended }) => ended));
    ends.forEach(({ count, first, last, told }, i) => {
        const [kind, wanted, limit] = rows[i];
        console.log(`${count} slow ${kind}s: ended after ${first} to ${last} ms, ${told} told why`);
        assert.equal(count, wanted);
        assert.ok(last < limit + SLACK_MS, `${kind} ${last}`);
        assert.ok(told >= TOLD * count, `${kind}: ${told} of ${count}`);
    });
    console.log(`healthy p99: ${alone.p99.toFixed(2)} ms alone, ${beside.p99.toFixed(2)} ms beside them, `
        + `${(beside.p99 / alone.p99).toFixed(2)} times; ${beside.asked} asked`);
    agent.destroy();
    await server.close();
});
