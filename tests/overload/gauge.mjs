// gauge.mjs - what a server's process uses, read from outside: memory, processor, descriptors, sockets.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const KIB = 1024;
export const MIB = 1024 * KIB;

const TICK_MS = 10; // of /proc/PID/stat
const CPU_FIELDS = [11, 12]; // utime and stime, counted behind the process's name
const ESTABLISHED = '01'; // states in /proc/net/tcp
const LISTENING = '0A';

/** {rss, peak, anonymous, threads, fds} of a process, sizes in bytes, and the `cpuMs` that it has used. */
export function gauge(pid) {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
        rss: field('VmRSS') * KIB,
        peak: field('VmHWM') * KIB,
        anonymous: field('RssAnon') * KIB,
        threads: field('Threads'),
        fds: readdirSync(`/proc/${pid}/fd`).length,
        cpuMs: CPU_FIELDS.reduce((sum, at) => sum + Number(fields[at]), 0) * TICK_MS,
    };
}

/** What the kernel holds unsent of a port's connections, in bytes: of those that stand, and of those that the
 *  server has closed already. */
export function unsent(port) {
    const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    const sums = { open: 0, left: 0 };
    for (const row of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1, -1)) {
        const [, here, , state, queues] = row.trim().split(/\s+/);
        if (here.endsWith(local) && state !== LISTENING)
            sums[state === ESTABLISHED ? 'open' : 'left'] += parseInt(queues.split(':')[0], 16);
    }
    return sums;
}

/** Bytes of all files in a folder; what vanishes meanwhile counts nothing. */
export function sizeOf(folder) {
    let sum = 0;
    for (const name of readdirSync(folder, { recursive: true })) {
        const found = statSync(join(folder, name), { throwIfNoEntry: false });
        sum += found?.isFile() ? found.size : 0;
    }
    return sum;
}

/** How often its threads have woken up. */
export function wakings(pid) {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
        const status = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8');
        return sum + Number(status.match(/^voluntary_ctxt_switches:\s+(\d+)/m)[1]);
    }, 0);
}

export const inMib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;
