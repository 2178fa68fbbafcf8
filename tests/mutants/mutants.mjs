// mutants.mjs - puts each bug of bugs.mjs into a copy of the tree, builds what its check needs, and
// runs that.
//
// The copy is brought up to date file by file, so that only what has changed is built again.  A bug
// whose place is gone, or that does not build, is no success: it fails, and says so.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BUGS } from './bugs.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TREE = join(process.env.MUTANTS, 'tree');
const BUILD = join(process.env.MUTANTS, 'build');
const PARTS = ['schema', 'actors', 'broker', 'ws-edge', 'tools', 'tests', 'CMakeLists.txt'];
const CODE = /\.(c|h|def|in|txt)$/;
const PATIENCE_MS = 300_000;

const read = (path) => {
    try {
        return readFileSync(path, 'utf8');
    } catch {
        return null;
    }
};

// ---- the copy ----

function sources(part) {
    if (!statSync(join(ROOT, part)).isDirectory())
        return [part];
    return readdirSync(join(ROOT, part), { recursive: true })
        .map((name) => join(part, name))
        .filter((name) => CODE.test(name) && !name.includes('node_modules'));
}

function copyTree() {
    const wanted = new Set(PARTS.flatMap(sources));
    for (const name of wanted) {
        const text = readFileSync(join(ROOT, name), 'utf8');
        if (read(join(TREE, name)) === text)
            continue;
        mkdirSync(dirname(join(TREE, name)), { recursive: true });
        writeFileSync(join(TREE, name), text);
    }
    for (const name of readdirSync(TREE, { recursive: true })) {
        if (CODE.test(name) && !wanted.has(name))
            rmSync(join(TREE, name));
    }
}

function run(program, args, env = {}) {
    const { status, error, stdout, stderr } = spawnSync(program, args, {
        encoding: 'utf8', timeout: PATIENCE_MS, maxBuffer: 2 ** 28, env: { ...process.env, ...env },
    });
    return { good: status === 0, hung: error?.code === 'ETIMEDOUT', words: `${stdout}${stderr}` };
}

function must(program, ...args) {
    const { good, words } = run(program, args);
    if (!good)
        throw new Error(`${program} ${args.join(' ')}:\n${words.slice(-4000)}`);
}

function configure() {
    must('cmake', '-S', TREE, '-B', BUILD, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug');
}

// ---- checks ----

/** What of the build a check needs, and how it is run. */
function plan({ unit, e2e, cuts }) {
    const bin = (name) => join(BUILD, 'bin', name);
    if (unit !== undefined)
        return { targets: [unit], command: [bin(unit), []] };
    if (cuts !== undefined)
        return { targets: ['kith-cuts'], command: [bin('kith-cuts'), ['--cuts', String(cuts)]] };
    return {
        targets: ['kithd', 'kith'],
        command: [join(ROOT, 'tests/e2e/run'), [e2e], { KITHD: bin('kithd') }],
    };
}

const nameOf = (check) => Object.entries(check).flat().join(' ');

function build(check) {
    return run('cmake', ['--build', BUILD, '-j', process.env.JOBS, '--target', ...plan(check).targets]);
}

/** Whether the check finds anything wrong with what is built. */
function complains(check) {
    const { good, hung } = run(...plan(check).command);
    return !good || hung;
}

// ---- bugs ----

/** A text with the bug in it; null if it has no place, or several. */
function bugged({ from, to }, text) {
    const parts = (text ?? '').split(from);
    return parts.length === 2 ? parts.join(to) : null;
}

function tryBug(bug) {
    const path = join(TREE, bug.file), whole = read(path), text = bugged(bug, whole);
    if (text === null)
        return 'has no place any more';
    writeFileSync(path, text);
    try {
        const built = build(bug.check);
        if (!built.good)
            return `does not build:\n${built.words.slice(-2000)}`;
        return complains(bug.check) ? null : `escapes ${nameOf(bug.check)}`;
    } finally {
        writeFileSync(path, whole);
    }
}

/** Without a bug no check complains, or none would mean anything. */
function soundCheck(check) {
    const built = build(check);
    if (!built.good)
        return built.words.slice(-2000);
    return complains(check) ? 'complains without a bug' : null;
}

// ---- the command ----

const [mode = '--short', word = ''] = process.argv.slice(2);
const bugs = BUGS.filter(({ name }) => name.includes(mode === '--only' ? word : ''));
let failed = 0;

function report(name, fault) {
    failed += fault === null ? 0 : 1;
    console.log(`${fault === null ? 'ok    ' : 'not ok'} ${name}${fault === null ? '' : `: ${fault}`}`);
}

if (mode !== '--short') {
    mkdirSync(TREE, { recursive: true });
    copyTree();
    configure();
    for (const name of new Set(bugs.map(({ check }) => nameOf(check)))) {
        const fault = soundCheck(bugs.find(({ check }) => nameOf(check) === name).check);
        if (fault !== null)
            report(`${name}, without a bug`, fault);
    }
}
function hasPlace(bug) {
    return bugged(bug, read(join(ROOT, bug.file))) === null ? 'has no place any more' : null;
}

for (const bug of bugs)
    report(bug.name, mode === '--short' ? hasPlace(bug) : tryBug(bug));
console.log(`${bugs.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
