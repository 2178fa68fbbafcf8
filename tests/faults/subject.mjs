// subject.mjs - one kithd on a disk or a memory that fails, somebody who talks to it, and the
// checker of tests/crash, which knows only what they wrote down.
//
// What is held here, of each point of failure:
//   1. The server goes on; or it ends by itself, with no signal, once it has said what it could not
//      do, with which file, and what to do about it.
//   2. A message that cannot be stored is refused with an error that says so, or is unknown.
//   3. As long as no write or no sync reaches the disk nothing that is sent is acknowledged.
//   4. Once the disk works again everything is taken within RECOVERY_MS, without a restart if the
//      server went on.
//   5. What was acknowledged is there, once, in order: the checker's.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { RowWriter, ledgerPath } from '../crash/ledger.mjs';
import { Worker } from '../crash/worker.mjs';
import { Native, makeRoom, signUp } from '../e2e/client.mjs';
import { Server } from '../e2e/server.mjs';
import { Panel, SLACK } from './panel.mjs';

const ANSWER_MS = 4000 * SLACK;
const RECOVERY_MS = 5000 * SLACK;
const PATIENCE_MS = 2000 * SLACK; // with a start that neither succeeds nor fails while the disk does
const HONEST = new Set(['storage', 'unavailable', 'unknown_outcome', 'not_done']);

export class Subject {
    /** `shim`: disk or memory; `disk`: where the data folder is to be, if not beside the log. */
    static async make(shim, { settings = {}, disk } = {}) {
        const subject = new Subject();
        subject.folder = mkdtempSync(join(tmpdir(), 'kith-faults-'));
        subject.violations = [];
        const data = disk && join(disk, 'data');
        subject.server = await Server.plan({ base: subject.folder, data, split: false, settings });
        subject.panel = new Panel(shim, join(subject.folder, 'panel'), subject.server.data);
        subject.server.spawn = () => {
            subject.logFrom = statSync(subject.server.logFile, { throwIfNoEntry: false })?.size ?? 0;
            subject.server.spawnRole('all', 'all', [], subject.panel.env);
        };
        await subject.server.launch();
        await subject.furnish();
        return subject;
    }

    async furnish() {
        this.owner = await signUp(this.server, 'owner');
        this.room = (await makeRoom(this.server, this.owner.token)).id;
        this.ledger = new RowWriter(ledgerPath(this.folder), { prompt: true });
        this.unheard = [];
        this.count = 0;
        this.acks = 0;
        this.checker = new Worker('./checker.mjs', this.folder);
        const { url } = this.server;
        await this.checker.ask('begin', { url, token: this.owner.token, rooms: [this.room] });
    }

    violated(sentence) {
        this.violations.push(sentence);
    }

    /** The violations since the last call. */
    take() {
        return this.violations.splice(0);
    }

    // ---- talking ----

    async connection() {
        if (this.live === undefined || this.live.socket.readyState !== 1)
            this.live = await within(Native.open(this.server, this.owner.token), 'a welcome');
        return this.live;
    }

    /** A new message: 'acked', or the name of what became of it. */
    say(size = 200) {
        const number = ++this.count;
        const message = { text: `${number} ${'.'.repeat(size)}`, clientId: `c${number}` };
        this.ledger.write('send', message.text, this.room, this.owner.id, message.clientId);
        return this.send(message);
    }

    async send(message) {
        try {
            const connection = await this.connection();
            const { seq, id } = await within(
                connection.post(this.room, message.text, message.clientId), 'an answer');
            this.ledger.write('ack', message.text, seq, id);
            this.lastAcked = message.text;
            this.acks++;
            return 'acked';
        } catch (error) {
            this.unheard.push(message);
            const name = error.status === undefined ? 'unheard' : error.name;
            if (name !== 'unheard' && !HONEST.has(name))
                this.violated(`a message was refused with '${error.message}'`);
            return name;
        }
    }

    /** Everything unheard of is sent again until it is acknowledged, or the server has ended. */
    async settle() {
        const since = Date.now();
        while (this.unheard.length > 0 && !this.server.ended) {
            const message = this.unheard.shift();
            const outcome = await this.send(message);
            if (outcome === 'acked')
                continue;
            this.unheard.unshift(this.unheard.pop());
            if (Date.now() - since > RECOVERY_MS)
                return this.violated(`still '${outcome}' ${RECOVERY_MS} ms after the disk works again`);
            await sleep(20);
        }
    }

    // ---- the server's life ----

    /** Start it; what fails on the way is lifted if it neither serves nor ends. */
    async launch() {
        this.server.spawn();
        this.lifted = false;
        const late = setTimeout(() => {
            this.lifted = true;
            this.panel.lift();
        }, PATIENCE_MS);
        const served = await this.server.ready().then(() => true, () => false);
        clearTimeout(late);
        return served;
    }

    /** It ended by itself: it has to have said why. */
    judgeEnd() {
        const { code, signal } = this.server.ended;
        const log = this.server.log().slice(this.logFrom);
        const told = log.split('\n').filter((line) => line.includes(' ERROR '));
        if (signal !== null || code !== 1)
            this.violated(`it ended with ${signal ?? `code ${code}`}:\n${log.slice(-1500)}`);
        if (!told.some((line) => line.includes(this.server.data)))
            this.violated(`it ended and named no file:\n${log.slice(-1500)}`);
        if (!/restart|make room|mend|restore|start it again/i.test(told.join('\n')))
            this.violated(`it ended and named no way out:\n${log.slice(-1500)}`);
    }

    /** End it: by SIGTERM, or by SIGKILL and without what its disk never had. */
    async end(hard) {
        this.live?.socket.terminate();
        const went = this.server.ended !== null;
        if (hard)
            await this.server.kill();
        else
            await this.server.stop();
        if (went || (!hard && this.server.ended.code !== 0))
            this.judgeEnd();
        this.panel.lift();
        if (hard)
            this.panel.losePower();
    }

    /** Serve again on a disk that works, settle, and have the checker look. */
    async recover() {
        this.panel.lift();
        if (this.server.ended && !await this.launch()) {
            this.violated(`it does not start any more:\n${this.server.logTail()}`);
            return;
        }
        await this.settle();
        this.violations.push(...await this.checker.ask('round'));
    }

    async close() {
        this.live?.socket.terminate();
        this.checker.end();
        if (!this.server.ended)
            await this.server.kill();
        this.panel.close();
        rmSync(this.folder, { recursive: true, force: true });
    }
}

async function within(promise, what) {
    let late;
    const waiting = new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error(`no ${what} in ${ANSWER_MS} ms`)), ANSWER_MS);
    });
    try {
        return await Promise.race([promise, waiting]);
    } finally {
        clearTimeout(late);
    }
}
