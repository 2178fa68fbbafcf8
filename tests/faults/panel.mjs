// panel.mjs - the test's side of panel.h: orders to the shims inside of a server, and their counts.
//
// The shims are compiled once a process, into a folder that goes with it.

import { spawnSync } from 'node:child_process';
import {
    closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, truncateSync, writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KINDS = ['none', 'write', 'sync', 'rename', 'open', 'unlink', 'allocate'];
const MANNERS = ['once', 'on', 'lie'];
const ERRORS = { EIO: 5, ENOMEM: 12, EMFILE: 24, ENOSPC: 28 };

// Places in the page, in bytes.
const SIZE = 4096;
const [KIND, NTH, ERROR, MANNER, SEEN, FIRED, LOST_COUNT, CALLS] = [0, 8, 16, 24, 32, 40, 48, 56];
const WORDS = CALLS + 8 * KINDS.length;
const [LOST, LOST_SIZE, LOST_MOST] = [WORDS + 128, 16 + 256, 8];

/** What a machine with other things to do takes longer; bounds are what they are where it is 1. */
export const SLACK = Number(process.env.FAULTS_SLACK ?? 1);

const text = (bytes) => bytes.toString('utf8').split('\0')[0];

let workshop = null;

/** The shared objects, by name; throws what the compiler says. */
function shim(name) {
    if (workshop === null) {
        workshop = mkdtempSync(join(tmpdir(), 'kith-shims-'));
        process.on('exit', () => rmSync(workshop, { recursive: true, force: true }));
    }
    const object = join(workshop, `${name}.so`);
    const here = fileURLToPath(new URL('.', import.meta.url));
    const { status, stderr } = spawnSync(process.env.CC ?? 'cc', [
        '-std=gnu17', '-D_GNU_SOURCE', '-O1', '-U_FORTIFY_SOURCE', '-fPIC', '-shared', `-I${here}/../..`,
        '-o', object, join(here, `${name}.c`), join(here, 'panel.c'), '-ldl',
    ], { encoding: 'utf8' });
    if (status !== 0)
        throw new Error(`cc ${name}.c: ${stderr}`);
    return object;
}

const shims = new Map();

export class Panel {
    /** `name`: disk or memory; `under`: the folder that fails. */
    constructor(name, path, under) {
        if (!shims.has(name))
            shims.set(name, shim(name));
        this.file = openSync(path, 'w+');
        writeSync(this.file, Buffer.alloc(SIZE));
        this.env = {
            LD_PRELOAD: shims.get(name),
            KITH_FAULTS: path,
            KITH_FAULTS_UNDER: under,
            ASAN_OPTIONS: [process.env.ASAN_OPTIONS, 'verify_asan_link_order=0'].filter(Boolean).join(':'),
        };
    }

    put(place, number) {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(BigInt(number));
        writeSync(this.file, bytes, 0, 8, place);
    }

    bytes(place, size) {
        const bytes = Buffer.alloc(size);
        readSync(this.file, bytes, 0, size, place);
        return bytes;
    }

    number(place) {
        return Number(this.bytes(place, 8).readBigUInt64LE());
    }

    /** From now on the `nth` call of this kind fails, or all from it on. */
    arm({ kind, nth, error, manner }) {
        this.lift();
        writeSync(this.file, Buffer.alloc(SIZE - WORDS), 0, SIZE - WORDS, WORDS);
        for (const place of [SEEN, FIRED, LOST_COUNT])
            this.put(place, 0);
        this.put(NTH, nth);
        this.put(ERROR, ERRORS[error]);
        this.put(MANNER, MANNERS.indexOf(manner));
        this.put(KIND, KINDS.indexOf(kind));
    }

    /** Nothing fails any more. */
    lift() {
        this.put(KIND, 0);
    }

    get fired() {
        return this.number(FIRED);
    }

    get words() {
        return text(this.bytes(WORDS, 128));
    }

    /** Calls of a kind since the server's start. */
    calls(kind) {
        return this.number(CALLS + 8 * KINDS.indexOf(kind));
    }

    /** Once the server is dead: take away what its disk never had.  Gives how much that was. */
    losePower() {
        const count = Math.min(this.number(LOST_COUNT), LOST_MOST);
        let gone = 0;
        for (let n = 0; n < count; n++) {
            const bytes = this.bytes(LOST + n * LOST_SIZE, LOST_SIZE);
            gone += lose(text(bytes.subarray(16)), Number(bytes.readBigUInt64LE(0)),
                Number(bytes.readBigUInt64LE(8)));
        }
        return gone;
    }

    close() {
        closeSync(this.file);
    }
}

/** A range of a file that is not on the disk: no longer there at the end, zeros before it. */
function lose(path, from, to) {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= from || to === from)
        return 0;
    if (size <= to) {
        truncateSync(path, from);
        return size - from;
    }
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(to - from), 0, to - from, from);
    closeSync(file);
    return to - from;
}
