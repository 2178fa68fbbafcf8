// harm.mjs - one thing done to a data folder, from a seed: what, where, and how to say it.
//
// Files are chosen by class first, so that the one keyring is hit as often as the many tables.

import {
    appendFileSync, chmodSync, copyFileSync, readFileSync, readdirSync, renameSync, rmSync, statSync, truncateSync,
    writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** The same numbers for the same seed (mulberry32). */
export function chance(seed) {
    let state = seed >>> 0;
    return (below) => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below);
    };
}

const pick = (list, below) => list[below(list.length)];

const CLASSES = [
    ['journal', /^journal\/\d{20}\//], ['journal', /^journal\/\d{20}\//], ['epoch', /^journal\/epoch$/],
    ['keyring', /^keyring$/], ['anchor', /^anchor\.json$/], ['cut', /^cut\.json$/], ['snapshot', /^snapshots\//],
    ['index', /^index\//], ['session', /^session\//], ['room', /^room\//], ['matching', /^matching\//],
    ['notifier', /^notifier\//], ['search', /^search\//], ['upload', /^files\//],
    ['secret', /^(token\.key|push\.key|pusher\.app)$/], ['any', /./],
];

const PROJECTIONS = ['session', 'room', 'matching', 'notifier', 'search', 'index'];

export function filesOf(data) {
    return readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
        .map((entry) => relative(data, join(entry.parentPath ?? entry.path, entry.name))).sort();
}

/** A file of its own: it may have other names. */
function own(path) {
    const bytes = readFileSync(path), { mode } = statSync(path);
    rmSync(path);
    writeFileSync(path, bytes, { mode });
}

function change(path, make) {
    const before = readFileSync(path);
    const after = make(Buffer.from(before));
    if (after === null || after.equals(before))
        return false;
    writeFileSync(path, after);
    return true;
}

/** Each does something to the file; false where that would change nothing, a text where there is more to name. */
const ON_FILE = {
    bit: (path, below) => change(path, (bytes) => bytes.length === 0 ? null : (bytes[below(bytes.length)] ^= 1 << below(8), bytes)),
    bits: (path, below) => change(path, (bytes) => {
        for (let n = 0; bytes.length > 0 && n < 8; n++)
            bytes[below(bytes.length)] ^= 1 << below(8);
        return bytes;
    }),
    zeros: (path, below) => change(path, (bytes) => {
        const at = below(bytes.length + 1);
        return bytes.fill(0, at, Math.min(bytes.length, at + 1 + below(4096)));
    }),
    sector: (path, below) => change(path, (bytes) => {
        const at = 512 * below(Math.ceil(bytes.length / 512));
        return bytes.fill(pick([0, 0xff], below), at, Math.min(bytes.length, at + 512 * (1 + below(8))));
    }),
    noise: (path, below) => change(path, (bytes) => {
        const at = below(bytes.length + 1), end = Math.min(bytes.length, at + 1 + below(256));
        for (let place = at; place < end; place++)
            bytes[place] = below(256);
        return bytes;
    }),
    truncated: (path, below) => statSync(path).size > 0 && (truncateSync(path, below(statSync(path).size)), true),
    shortened: (path, below) => statSync(path).size > 0 &&
        (truncateSync(path, Math.max(0, statSync(path).size - 1 - below(40))), true),
    emptied: (path) => statSync(path).size > 0 && (truncateSync(path, 0), true),
    missing: (path) => (rmSync(path), true),
    doubled: (path) => change(path, (bytes) => Buffer.concat([bytes, bytes])),
    extended: (path, below) => (appendFileSync(path, Buffer.from(Array.from({ length: 1 + below(100) }, () => below(256)))), true),
    taken_out: (path, below) => change(path, (bytes) => {
        const at = below(bytes.length + 1);
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(100))]);
    }),
    swapped: (path, below, data) => {
        const others = filesOf(data).filter((name) => join(data, name) !== path && dirname(name) === dirname(relative(data, path)));
        const other = others.length > 0 && join(data, pick(others, below));
        if (!other || readFileSync(other).equals(readFileSync(path)))
            return false;
        renameSync(path, `${path}.swap`);
        renameSync(other, path);
        renameSync(`${path}.swap`, other);
        return ` and ${relative(data, other)}`;
    },
    renamed: (path) => (renameSync(path, `${path}.bak`), true),
    open_to_all: (path) => (chmodSync(path, 0o666), true),
};

/** Each does something to the folder as a whole, and says to what; null where it cannot. */
const ON_FOLDER = {
    folder_missing(data, below) {
        const name = pick(['journal', 'snapshots', 'files', ...PROJECTIONS,
            ...readdirSync(join(data, 'journal')).filter((each) => /^\d{20}$/.test(each)).map((each) => `journal/${each}`)], below);
        rmSync(join(data, name), { recursive: true, force: true });
        return name;
    },
    folders_swapped(data, below) {
        const [one, other] = [pick(PROJECTIONS, below), pick(PROJECTIONS, below)];
        if (one === other)
            return null;
        renameSync(join(data, one), join(data, 'between'));
        renameSync(join(data, other), join(data, one));
        renameSync(join(data, 'between'), join(data, other));
        return `${one} and ${other}`;
    },
    foreign(data, below) {
        const folder = dirname(pick(filesOf(data), below));
        const name = pick(['000999.ldb', '000999.log', 'MANIFEST-000999', 'core', '.DS_Store', 'lost+found', '00000000000000999999'], below);
        writeFileSync(join(data, folder, name), Buffer.from(Array.from({ length: below(300) }, () => below(256))));
        return join(folder, name);
    },
    replaced(data, below) {
        const files = filesOf(data), [to, from] = [pick(files, below), pick(files, below)];
        if (readFileSync(join(data, to)).equals(readFileSync(join(data, from))))
            return null;
        own(join(data, to));
        copyFileSync(join(data, from), join(data, to));
        return `${to} by ${from}`;
    },
};

/** Do one thing to `data`; gives {kind, what, file}: `file` is the path that was hit, of a folder or of one file. */
export function harm(data, seed) {
    const below = chance(seed);
    for (;;) {
        if (below(12) === 0) {
            const kind = pick(Object.keys(ON_FOLDER), below);
            const file = ON_FOLDER[kind](data, below);
            if (file !== null)
                return { kind, file };
            continue;
        }
        const [, pattern] = pick(CLASSES, below);
        const files = filesOf(data).filter((name) => pattern.test(name) && (!/\/LO(CK|G)/.test(name) || below(10) === 0));
        if (files.length === 0)
            continue;
        const file = pick(files, below), kind = pick(Object.keys(ON_FILE), below);
        own(join(data, file));
        const done = ON_FILE[kind](join(data, file), below, data);
        if (done)
            return { kind, file: done === true ? file : file + done };
    }
}

/** Names by which a log may tell of what was hit: the file, or the database or folder that it is in; of a journal that lost
 *  its end or its beginning, the journal. */
export function namesOf(file) {
    const journal = file.startsWith('journal') ? ['/journal ends at', '/journal begins at'] : [];
    return file.split(/ and | by /).flatMap((path) => [path, basename(path), dirname(path)])
        .filter((name) => name !== '.' && name !== '').concat(journal);
}
