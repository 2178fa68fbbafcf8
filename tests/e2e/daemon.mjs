// daemon.mjs - one kithd process: started with arguments, ended or killed, its end awaited.

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

const STOP_MS = 30_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Daemon {
    /** Its output goes to the end of `logFile`; `env` is added to this process's own. */
    constructor(args, logFile, env = {}) {
        const log = openSync(logFile, 'a');
        this.child = spawn(process.env.KITHD, args,
            { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
        closeSync(log);
        this.ended = null; // {code, signal}
        running.add(this.child);
        this.exited = new Promise((resolve) => {
            this.child.once('error', (fault) => resolve({ code: null, signal: String(fault) }));
            this.child.once('exit', (code, signal) => resolve({ code, signal }));
        }).then((end) => {
            running.delete(this.child);
            this.ended = end;
            return end;
        });
    }

    get pid() {
        return this.child.pid;
    }

    signal(name) {
        this.child.kill(name);
    }

    /** SIGTERM: it drains and ends; gives {code, signal}. */
    async stop() {
        this.child.kill('SIGTERM');
        const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
        const end = await this.exited;
        clearTimeout(late);
        return end;
    }

    /** SIGKILL: nothing is drained. */
    async kill() {
        this.child.kill('SIGKILL');
        return this.exited;
    }
}
