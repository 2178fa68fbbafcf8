// run.mjs - what a picture of 5 MiB in a request costs the edge's loop, on which everybody else waits.
//
//     KITHD=build/release/bin/kithd node tests/bench/pictures/run.mjs
//
// CPU time of each thread for one matcha42 `save_profile` with a data URI, by the kernel's own
// count: the loop is the edge's first thread, the others are its pool's.

import { readFileSync, readdirSync } from 'node:fs';

import { signUp } from '../../e2e/matcha42.mjs';
import { picture } from '../../e2e/pictures.mjs';
import { Server } from '../../e2e/server.mjs';

const TIMES = 8;
const NS_PER_MS = 1e6;

const server = await Server.start({ settings: { limits: 'off' } });
const ann = await signUp(server, 'ann');
const [{ pid }] = server.daemons.values();

/** Milliseconds on a core of each of the edge's threads, the loop's first. */
const spent = () => readdirSync(`/proc/${pid}/task`).sort((a, b) => a - b)
    .filter((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim() === 'edge')
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / NS_PER_MS);

async function save(kind) {
    const image = `data:image/png;base64,${picture('png', 5 * 1024 * 1024).toString('base64')}`;
    const fields = { user_id: ann.id, token: ann.token, image };
    const reply = await fetch(`${server.url}/api/user/save_profile`, {
        method: 'POST',
        headers: kind === 'JSON' ? { 'content-type': 'application/json' } : {},
        body: kind === 'JSON' ? JSON.stringify(fields) : new URLSearchParams(fields),
    });
    if (reply.status !== 200)
        throw new Error(`${reply.status} ${await reply.text()}`);
}

for (const kind of ['JSON', 'form']) {
    await save(kind);
    const before = spent();
    for (let i = 0; i < TIMES; i++)
        await save(kind);
    const [loop, ...pool] = spent().map((ms, thread) => (ms - (before[thread] ?? 0)) / TIMES);
    const inPool = pool.reduce((sum, ms) => sum + ms, 0);
    console.log(`${kind}: ${loop.toFixed(1)} ms of the loop, ${inPool.toFixed(1)} ms of the pool, a picture`);
}
await server.close();
