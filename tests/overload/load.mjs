// load.mjs - traffic of other people, made and measured by `kith bench`: many senders at C's speed.

import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

const KITH = join(dirname(process.env.KITHD ?? ''), 'kith');

/** Run it to its end; `plan`: its options by name, such as {rooms: 10, people: 4, rate: 1000, seconds: 5}.
 *  Gives what it measured, or throws what it complains of. */
export function load(server, plan) {
    const options = Object.entries(plan).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const child = spawn(KITH, ['--data', server.data, '--bus', server.bus, 'bench',
        '--http', `127.0.0.1:${server.port}`, '--json', '--keep', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'])
        child[stream].on('data', (data) => { said[stream] += data; });
    return new Promise((resolve, reject) => {
        child.on('close', (code) => {
            if (code === 0)
                resolve(JSON.parse(said.stdout));
            else
                reject(new Error(`kith bench ended with ${code}: ${said.stdout}${said.stderr}`));
        });
    });
}

/** What became of the messages of a run, in one sentence. */
export const fates = ({ acks_per_s, refused, held_back, unacknowledged, lost, duplicated, closed }) =>
    `${Math.round(acks_per_s)} acknowledged a second, ${refused} refused, ${held_back} held back, ${unacknowledged} unanswered, ` +
    `${lost} deliveries lost, ${duplicated} twice, ${closed} cut off`;

export function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)];
}
