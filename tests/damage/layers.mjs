// layers.mjs - the same damages, looked at without a server: kith-layers opens and reads what a server would.
//
// A copy is made of second names for the same bytes; what is harmed, and what Kith writes in place, gets bytes of its own.

import { spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { filesOf, harm } from './harm.mjs';
import { tells } from './trial.mjs';

const LAYERS = join(dirname(process.env.KITHD ?? ''), 'kith-layers');
const PATIENCE_MS = 60_000;
const IN_PLACE = new Set(['keyring']);

export class Layers {
    constructor(world) {
        this.source = join(world.server.base, 'data');
        this.base = `${world.server.base}-layers`;
        this.copy();
        const sound = this.look();
        if (sound.status !== 0 || /refused/.test(sound.said))
            throw new Error(`kith-layers refuses what is sound: ${sound.said}${sound.log}`);
        this.sound = sound.said;
    }

    copy() {
        rmSync(this.base, { recursive: true, force: true });
        mkdirSync(this.base, { recursive: true });
        for (const entry of readdirSync(this.source, { recursive: true, withFileTypes: true }).filter((each) => each.isDirectory()))
            mkdirSync(join(entry.parentPath ?? entry.path, entry.name).replace(this.source, this.base), { recursive: true });
        for (const name of filesOf(this.source))
            (IN_PLACE.has(name) ? copyFileSync : linkSync)(join(this.source, name), join(this.base, name));
    }

    look() {
        const { status, signal, stdout, stderr } = spawnSync(LAYERS, [this.base], { encoding: 'utf8', timeout: PATIENCE_MS });
        return { status, signal, said: stdout, log: stderr };
    }

    /** Do what the seed says; gives {verdict, kind, file, why} as a trial does. */
    run(seed) {
        this.copy();
        const done = harm(this.base, seed);
        const { status, signal, said, log } = this.look();
        const told = tells(log, done.file);
        if (signal !== null || status !== 0)
            return { seed, ...done, verdict: signal === 'SIGTERM' ? 'endless' : 'crashed', why: `${signal} ${status}\n${log}` };
        const other = said === this.sound ? [] : said.split('\n').filter((line) => !this.sound.includes(line));
        const gone = this.sound.split('\n').filter((line) => !said.includes(line));
        if (other.length === 0 && gone.length === 0)
            return { seed, ...done, verdict: 'same', why: told ? 'and told' : '' };
        if (other.length === 0 && gone.every((line) => line.startsWith('file-')))
            return { seed, ...done, verdict: 'left', why: 'only who asks for a file misses it' };
        const refused = other.every((line) => / refused /.test(line)) || /made a(n)? |making a key/.test(log);
        return { seed, ...done, verdict: refused && told ? 'told' : 'wrong', why: `${other.join('\n')}\nnot ${gone.join('\n')}\n${log}` };
    }

    end() {
        rmSync(this.base, { recursive: true, force: true });
    }
}
