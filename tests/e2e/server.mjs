// server.mjs - one kithd of a test: fresh data, free ports, start, stop, kill -9, restart.
//
// It is one process, or with KITH_ROLES=split one for each role, which meet over its bus.
// A Server owns its processes and its scratch folder.  The server's output goes to a file
// beside the data; `close` stops the server and then holds that file against every secret that
// the clients of this process have used, so that each test file also proves that nothing secret
// is logged.  Ports stay the same over a restart, so that clients find their server again.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { Daemon } from './daemon.mjs';

const READY_MS = 30_000;
const LOOPBACK = '127.0.0.1';

/** The order in which they are started: whoever holds the journal first. */
const SPLIT = ['broker', 'session', 'room', 'matching', 'search', 'notifier', 'edge'];

const secrets = new Set();

/** Remember a password or token that must never reach a log. */
export function keepSecret(text) {
    secrets.add(text);
    return text;
}

const [FIRST_PORT, RANGES, PORTS] = [20_000, 24, 500];
const given = new Set();

export class Server {
    /** Start a server and wait until it serves.
     *  split: one process a role; tcp: they meet over tcp, with keys; settings: rows of `--set`; base: folder to work in instead
     *  of a scratch one (then kept); data: the data folder, if it lies elsewhere. */
    static async start(options = {}) {
        const server = await Server.plan(options);
        await server.launch();
        return server;
    }

    /** The same without starting it. */
    static async plan({ settings = {}, base = null, data = null, split = isSplit(), tcp } = {}) {
        const server = new Server(settings, base, data, split);
        if (tcp)
            server.useTcp(await freePort());
        server.port = await freePort();
        server.linePort = await freePort();
        return server;
    }

    constructor(settings, base, data, split) {
        this.settings = { argon2: 'test', ...sandboxed(), ...settings };
        this.roles = split ? SPLIT : ['all'];
        this.scratch = base === null;
        this.base = base ?? mkdtempSync(join(tmpdir(), 'kith-test-'));
        this.data = data ?? join(this.base, 'data');
        this.bus = `ipc://${join(this.base, 'bus')}`;
        this.logFile = join(this.base, 'kithd.log');
        this.daemons = new Map(); // by role, in the order of their start
    }

    useTcp(port) {
        const kith = join(dirname(process.env.KITHD), 'kith');
        this.settings.keys = join(this.base, 'keys');
        this.bus = `tcp://${LOOPBACK}:${port}`;
        const made = spawnSync(kith, ['keygen', '--keys', this.settings.keys]);
        assert.equal(made.status, 0, String(made.stderr));
    }

    get url() {
        return `http://${LOOPBACK}:${this.port}`;
    }

    get socketUrl() {
        return `ws://${LOOPBACK}:${this.port}`;
    }

    /** Of the process that holds the journal. */
    get pid() {
        return this.daemons.get(this.roles[0]).pid;
    }

    args() {
        const settings = Object.entries(this.settings).flatMap(([key, value]) => [
            '--set', `${key}=${value}`,
        ]);
        return [
            '--data', this.data, '--http', `${LOOPBACK}:${this.port}`,
            '--line', `${LOOPBACK}:${this.linePort}`, '--bus', this.bus, ...settings,
        ];
    }

    /** Start it on the data that is there, and wait until /readyz says 200.  Nothing is left
     *  running if a part of it cannot start. */
    async launch() {
        this.spawn();
        try {
            await this.ready();
        } catch (fault) {
            await this.kill();
            throw fault;
        }
    }

    spawn() {
        assert.ok(process.env.KITHD, 'KITHD names the server to test: use the run script');
        for (const role of this.roles)
            this.spawnRole(role);
    }

    /** One of its processes, by another name if there are several of its role; the others
     *  may be running. */
    spawnRole(role, name = role, more = [], env = {}) {
        const daemon = new Daemon([...this.args(), '--role', role, ...more], this.logFile, env);
        this.daemons.set(name, daemon);
        return daemon;
    }

    /** One more edge, on ports of its own, once it serves: what clients need of a server. */
    async spawnEdge(more = []) {
        const port = await freePort();
        const linePort = await freePort();
        const http = `${LOOPBACK}:${port}`;
        const name = `edge ${port}`;
        const doors = ['--http', http, '--line', `${LOOPBACK}:${linePort}`];
        const daemon = this.spawnRole('edge', name, [...doors, ...more]);
        const leave = (end) => {
            this.daemons.delete(name);
            return end;
        };
        const edge = {
            url: `http://${http}`,
            socketUrl: `ws://${http}`,
            linePort,
            stop: () => leave(daemon.stop()),
            kill: () => leave(daemon.kill()),
        };
        await this.readyAt(edge.url);
        return edge;
    }

    ready() {
        return this.readyAt(this.url);
    }

    async readyAt(url) {
        const deadline = Date.now() + READY_MS;
        while (!(await isReady(url))) {
            const ended = this.ended && JSON.stringify(this.ended);
            assert.ok(!ended, `kithd ended at start (${ended}):\n${this.logTail()}`);
            assert.ok(Date.now() < deadline, `kithd is not ready:\n${this.logTail()}`);
            await sleep(10);
        }
    }

    /** SIGTERM, the edge first and the broker last: the first end that is not a good one, or
     *  {code: 0, signal: null}. */
    async stop() {
        const ends = [];
        for (const daemon of [...this.daemons.values()].reverse())
            ends.push(await daemon.stop());
        return ends.find(({ code }) => code !== 0) ?? { code: 0, signal: null };
    }

    /** SIGKILL to all of it: nothing is drained. */
    async kill() {
        await Promise.all([...this.daemons.values()].map((daemon) => daemon.kill()));
    }

    /** How the first process that ended did; null while all are there. */
    get ended() {
        return [...this.daemons.values()].find(({ ended }) => ended)?.ended ?? null;
    }

    async restart() {
        await this.stop();
        await this.launch();
    }

    log() {
        return readFileSync(this.logFile, 'utf8');
    }

    logTail() {
        return this.log().split('\n').slice(-30).join('\n');
    }

    /** End of a test file: a clean stop, nothing secret in the log, scratch folder gone. */
    async close() {
        if (!this.ended)
            assert.deepEqual(await this.stop(), { code: 0, signal: null }, this.logTail());
        this.assertSecretsKept();
        if (this.scratch)
            rmSync(this.base, { recursive: true, force: true });
    }

    assertSecretsKept() {
        const log = this.log();
        for (const secret of secrets)
            assert.ok(!log.includes(secret), `the log holds a secret: ${secret.slice(0, 12)}…`);
    }
}

/** A build that counts branches writes its counts where the sandbox lets nobody write. */
function sandboxed() {
    return process.env.KITH_SANDBOX ? { sandbox: process.env.KITH_SANDBOX } : {};
}

function isSplit() {
    return process.env.KITH_ROLES === 'split';
}

async function isReady(url) {
    try {
        const reply = await fetch(`${url}/readyz`);
        await reply.arrayBuffer();
        return reply.status === 200;
    } catch {
        return false;
    }
}

/** A port below the range that the kernel gives to outgoing connections, and never given before: a
 *  server that is killed wants it again.  Files that run at once have ranges of their own, nearly always. */
export async function freePort() {
    for (;;) {
        const port = FIRST_PORT + PORTS * (process.pid % RANGES) + Math.floor(Math.random() * PORTS);
        if (given.has(port) || !(await isFree(port)))
            continue;
        given.add(port);
        return port;
    }
}

function isFree(port) {
    return new Promise((resolve) => {
        const probe = createServer();
        probe.once('error', () => resolve(false));
        probe.listen(port, LOOPBACK, () => probe.close(() => resolve(true)));
    });
}
