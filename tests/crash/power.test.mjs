// Power cuts: the data lies on an ext4 of its own in a file, whose power is cut under load.
//
// A cut stops all writing to the disk, what the kernel still held is gone, and the server is
// killed.  Only what was read before the cut counts as acknowledged.  The control runs with
// `journal.sync=off` and has to lose something, or else this test could not see a loss.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Trial } from './trial.mjs';

const CYCLES = Number(process.env.CUT_CYCLES ?? 5);
const CONTROL_CYCLES_MOST = 10;
const DISK_BYTES = '1G';
const PLAN = { rooms: 10, senders: 50, chatSenders: 2, readers: 4, chatReaders: 0, window: 8 };

const workshop = mkdtempSync(join(tmpdir(), 'kith-power-'));
const cutter = join(workshop, 'cut');

/** Run a program; its words if it failed, null if it did not. */
function fault(program, ...args) {
    const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return status === 0 ? null : `${program}: ${error?.code ?? stderr.trim()}`;
}

class Disk {
    constructor(name) {
        this.image = join(workshop, `${name}.img`);
        this.mountPoint = join(workshop, name);
        mkdirSync(this.mountPoint);
    }

    /** Why there can be no disk on this machine, or null. */
    make() {
        return fault('truncate', '-s', DISK_BYTES, this.image)
            ?? fault('mkfs.ext4', '-q', this.image) ?? this.mount();
    }

    mount() {
        return fault('mount', '-o', 'loop', this.image, this.mountPoint);
    }

    unmount() {
        return fault('umount', this.mountPoint);
    }

    /** Arm the cut; the function that is returned lets it fall. */
    arm() {
        const child = spawn(cutter, [this.mountPoint], { stdio: ['pipe', 'inherit', 'inherit'] });
        const done = new Promise((resolve) => child.on('exit', resolve));
        return async () => {
            child.stdin.end('!');
            assert.equal(await done, 0, 'the cut fell');
        };
    }
}

let obstacle = null;
before(() => {
    const source = fileURLToPath(new URL('cut.c', import.meta.url));
    const disk = new Disk('trial');
    obstacle = fault('cc', '-o', cutter, source) ?? disk.make() ?? disk.unmount();
});
after(() => rmSync(workshop, { recursive: true, force: true }));

/** One cut and the way back; gives what the checker finds wrong. */
async function cutOnce(trial, disk) {
    const cut = disk.arm();
    await sleep(200 + Math.random() * 800);
    await trial.load.ask('mute');
    await cut();
    await trial.kill();
    assert.equal(disk.unmount() ?? disk.mount(), null);
    await trial.load.ask('thaw');
    await trial.launch();
    return trial.round();
}

/** A journal that does not open any more is a loss as well; any other error is ours. */
function startFault(error) {
    if (error.message.startsWith('kithd ended at start'))
        return [error.message];
    throw error;
}

async function onDisk(name, settings, use) {
    const disk = new Disk(name);
    assert.equal(disk.make(), null);
    const server = { settings, data: join(disk.mountPoint, 'data') };
    try {
        await Trial.run({ server, plan: PLAN }, async (trial) => {
            // What a cut is to destroy is messages, not the accounts that sent them.
            assert.equal(fault('sync', '-f', disk.mountPoint), null);
            await use(trial, disk);
        });
    } finally {
        disk.unmount();
    }
}

test(`${CYCLES} power cuts under load`, async (t) => {
    if (obstacle !== null)
        return t.skip(`power cuts need root, ext4 and a loop device: ${obstacle}`);
    await onDisk('synced', {}, async (trial, disk) => {
        for (let cycle = 1; cycle <= CYCLES; cycle++)
            trial.assertSound(await cutOnce(trial, disk));
        t.diagnostic(JSON.stringify(await trial.verdict()));
    });
});

test('the control, without fsync, loses messages', async (t) => {
    if (obstacle !== null)
        return t.skip(`power cuts need root, ext4 and a loop device: ${obstacle}`);
    await onDisk('unsynced', { 'journal.sync': 'off' }, async (trial, disk) => {
        for (let cycle = 1; cycle <= CONTROL_CYCLES_MOST; cycle++) {
            const found = await cutOnce(trial, disk).catch(startFault);
            if (found.length > 0)
                return t.diagnostic(`cut ${cycle}: ${found[0].split('\n')[0]}`);
        }
        assert.fail(`${CONTROL_CYCLES_MOST} cuts without fsync lost nothing: this test is blind`);
    });
});
