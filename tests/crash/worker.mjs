// worker.mjs - a process that answers questions: `Worker` on the asking side, `serve` inside.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export class Worker {
    constructor(file, folder) {
        this.waiting = new Map();
        this.nextId = 1;
        this.child = fork(fileURLToPath(new URL(file, import.meta.url)), [folder],
            { execArgv: ['--max-old-space-size=6144'] });
        this.child.on('message', ({ id, answer, fault }) => {
            const { resolve, reject } = this.waiting.get(id);
            this.waiting.delete(id);
            fault === undefined ? resolve(answer) : reject(new Error(`${file}: ${fault}`));
        });
        this.child.on('exit', (code, signal) => {
            for (const { reject } of this.waiting.values())
                reject(new Error(`${file} ended: ${code ?? signal}`));
        });
        process.on('exit', () => this.child.kill('SIGKILL'));
    }

    ask(verb, argument) {
        const id = this.nextId++;
        this.child.send({ id, verb, argument });
        return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    }

    end() {
        if (this.child.connected)
            this.child.disconnect();
    }
}

/** Answer the parent's questions with these functions until it hangs up. */
export function serve(verbs) {
    process.on('disconnect', () => process.exit());
    process.on('message', async ({ id, verb, argument }) => {
        try {
            process.send({ id, answer: await verbs[verb](argument) });
        } catch (error) {
            process.send({ id, fault: error.stack });
        }
    });
}
