// trial.mjs - one run of server, load and checker, and the folder that holds its evidence.
//
// After a run without violations the folder goes; otherwise it stays, and is named.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Server } from '../e2e/server.mjs';
import { Worker } from './worker.mjs';

export class Trial {
    /** Run `use(trial)` on a server under load.
     *  `server`: what Server.start takes; `plan`: see load.mjs. */
    static async run({ server = {}, plan }, use) {
        const trial = new Trial();
        try {
            await trial.start({ server, plan });
            await use(trial);
            rmSync(trial.folder, { recursive: true, force: true });
        } finally {
            await trial.end();
        }
    }

    constructor() {
        this.folder = mkdtempSync(join(tmpdir(), 'kith-crash-'));
        this.load = new Worker('./load.mjs', this.folder);
        this.checker = new Worker('./checker.mjs', this.folder);
        this.server = null;
        this.upMs = 0;
        this.startsMs = [];
    }

    async start({ server = {}, plan }) {
        this.server = await Server.start({ base: this.folder, ...server });
        await this.begin(plan);
    }

    async begin(plan) {
        const { url, socketUrl } = this.server;
        const world = await this.load.ask('begin', { url, socketUrl, ...plan });
        await this.checker.ask('begin', world);
        this.upSince = Date.now();
    }

    /** The server dies by kill -9; with `soon`, once more that many ms into its next start. */
    async kill(soon = null) {
        this.upMs += Date.now() - this.upSince;
        await this.server.kill();
        if (soon === null)
            return;
        this.server.spawn();
        await new Promise((resolve) => setTimeout(resolve, soon));
        await this.server.kill();
    }

    async launch() {
        const since = Date.now();
        await this.server.launch();
        this.upSince = Date.now();
        this.startsMs.push(this.upSince - since);
    }

    /** Something dies and comes back meanwhile: that is no time of load. */
    async outage(use) {
        const since = Date.now();
        this.upMs += since - this.upSince;
        await use();
        this.upSince = Date.now();
        this.startsMs.push(this.upSince - since);
    }

    /** What the checker finds wrong after a crash. */
    round() {
        return this.checker.ask('round');
    }

    assertSound(violations) {
        assert.deepEqual(violations, [], `the evidence lies in ${this.folder}`);
    }

    /** Everything sent is settled, everything is looked at again from the beginning. */
    async verdict() {
        this.acks = await this.load.ask('settle');
        this.upMs += Date.now() - this.upSince;
        const { violations, blind, counts } = await this.checker.ask('verdict');
        this.assertSound(violations);
        assert.deepEqual(blind, [], 'planted faults that the checker did not see');
        const acksPerSecond = Math.round(this.acks / this.upMs * 1000);
        return { ...counts, acks: this.acks, acksPerSecond };
    }

    async end() {
        this.load.end();
        this.checker.end();
        if (this.server !== null && !this.server.ended)
            await this.server.kill();
    }
}
