// capacity.mjs - twice as much as the server can do, for ten minutes, in 512 MiB.
//
// What it can do is measured first, by senders who wait for their answers.  Then twice that is sent, whatever comes
// back: the server goes on doing what it can, says no to the rest, in words, and does not grow.
//
// Where this process may make a cgroup with a limit of memory (version 2), the server runs in one; elsewhere the
// most that it ever had resident is held against the limit.
//
//   CAPACITY_MINUTES  how long (10; in the short form some seconds)

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { numbers } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { MIB, gauge, inMib } from './gauge.mjs';
import { fates, load } from './load.mjs';
import { either, holds, holdsLong, isLong, play, skips, tell } from './scene.mjs';

const LIMIT = 512 * MIB;
const CROWD = { rooms: either(100, 10), people: 5, payload: 200 };
const MEASURE_S = either(20, 1);
const LASTS_S = either(Number(process.env.CAPACITY_MINUTES ?? 10) * 60, 2);
const GOODPUT = 0.8;
const ROOT = '/sys/fs/cgroup';

/** A group of our own below this process's, or null and why not. */
function makeGroup() {
    const own = readFileSync('/proc/self/cgroup', 'utf8').match(/^0::(.*)$/m)?.[1] ?? '/';
    const parent = join(ROOT, own);
    const controllers = join(parent, 'cgroup.subtree_control');
    if (!existsSync(controllers) || !readFileSync(controllers, 'utf8').includes('memory'))
        return { why: 'no cgroup (version 2) in which memory is limited may be made here' };
    const path = join(parent, `kith-overload-${process.pid}`);
    try {
        mkdirSync(path);
        writeFileSync(join(path, 'memory.max'), String(LIMIT));
        return { path };
    } catch (fault) {
        return { why: fault.message };
    }
}

const perMessage = ({ server_cpu_s, acks_per_s, seconds }) => Math.round(server_cpu_s * 1e6 / (acks_per_s * seconds));

const killsIn = (path) => Number(readFileSync(join(path, 'memory.events'), 'utf8').match(/^oom_kill (\d+)/m)[1]);

await play('capacity', async () => {
    const server = await Server.start({ settings: { limits: 'off' } });
    const group = makeGroup();
    if (group.path)
        writeFileSync(join(group.path, 'cgroup.procs'), String(server.pid));
    else
        skips('it runs in a cgroup of 512 MiB', group.why);

    const able = await load(server, { ...CROWD, window: 16, seconds: MEASURE_S });
    const capacity = Math.round(able.acks_per_s);
    tell('capacity', `${capacity} messages a second, each to ${CROWD.people}`);
    const over = await load(server, { ...CROWD, rate: 2 * capacity, seconds: LASTS_S });
    const counts = await numbers(server);
    tell(`at twice that for ${LASTS_S} s`, fates(over));
    tell('from sending to the answer', `p50 ${(over.ack_p50_us / 1000).toFixed(0)} ms, p99 ${(over.ack_p99_us / 1000).toFixed(0)} ms`);
    tell('refused by the edge, by reason', JSON.stringify(Object.fromEntries(Object.entries(counts)
        .filter(([name]) => name.includes('refused_total')))));

    const { peak, rss } = gauge(server.pid);
    holds('the server is still there', server.ended === null);
    holds('it never had more than 512 MiB', peak <= LIMIT, `${inMib(rss)}, at most ${inMib(peak)}`);
    if (group.path)
        holds('nothing was killed for want of memory', killsIn(group.path) === 0);
    holds('every message was acknowledged or refused', over.unacknowledged === 0 && over.closed === 0, fates(over));
    holds('nothing that was acknowledged is lost or comes twice',
        over.lost === over.refused * CROWD.people && over.duplicated === 0,
        `${over.lost} deliveries did not come, of ${over.refused} refused messages`);
    const goodput = over.acks_per_s / able.acks_per_s;
    tell('processor time of the server for a message that was done', `${perMessage(over)} µs, ${perMessage(able)} µs before`);
    holdsLong(`it does at least ${GOODPUT * 100} % of what it can`, goodput >= GOODPUT, `${(goodput * 100).toFixed(0)} %`);
    if (!isLong)
        holds('it does something', over.acks_per_s > 0);
    await server.kill();
    if (group.path)
        rmdirSync(group.path);
});
