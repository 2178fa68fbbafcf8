// checker.mjs - the checker's process: reads the evidence on disk and the histories of the
// server, and has the judge compare them.
//
// It knows nothing of the load but the files that the load left in the folder (see ledger.mjs).
//   round   after a crash: what is new since the last round, with a second look at the end of
//           what was read before the crash
//   verdict at the end: everything again from the beginning, and then once more with each of
//           the faults of faults.mjs planted, which the judge has to report

import { call } from '../e2e/client.mjs';
import { FAULTS, planted } from './faults.mjs';
import { Judge, judgeRun } from './judge.mjs';
import { RowReader, ledgerPath, readerNames, readerPath } from './ledger.mjs';
import { serve } from './worker.mjs';

const PAGE = 10_000;
const SECOND_LOOK = 200;
const PLANTED_MOST = 50_000;

const folder = process.argv[2];
const judge = new Judge();
const files = new Map();
const heldBack = [];
let world; // {url, token, rooms}: where to read the histories

/** Rows that were appended to a file since the last call. */
function* appended(path) {
    if (!files.has(path))
        files.set(path, new RowReader(path));
    yield* files.get(path).rows();
}

function allRows(path) {
    const reader = new RowReader(path);
    const rows = [...reader.rows()];
    reader.close();
    return rows;
}

async function page(room, after, limit = PAGE) {
    const path = `/v1/rooms/${room}/messages?after=${after}&limit=${limit}`;
    const { status, body } = await call(world, 'GET', path, { token: world.token });
    if (status !== 200)
        throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body.messages;
}

async function readOn(room) {
    const from = judge.known(room) - SECOND_LOOK;
    if (from > 0)
        judge.recheck(room, await page(room, from, SECOND_LOOK));
    await eachPage(room, judge.known(room), (messages) => judge.addHistory(room, messages));
}

/** Pages from behind a sequence up to the first that is not full: others go on writing. */
async function eachPage(room, after, take) {
    let messages;
    do {
        messages = await page(room, after);
        take(messages);
        after = messages.at(-1)?.seq;
    } while (messages.length === PAGE);
}

async function wholeHistory(room) {
    const messages = [];
    await eachPage(room, 0, (more) => messages.push(...more));
    return { room, messages };
}

async function round() {
    // Acknowledged by now is there now; what a history shows was sent by the time it is read.
    // Acknowledgements that came meanwhile are held against the next round's histories.
    const ledger = ledgerPath(folder);
    for (const row of [...heldBack.splice(0), ...appended(ledger)])
        judge.addLedger(row);
    for (const room of world.rooms)
        await readOn(room);
    for (const row of appended(ledger))
        row[0] === 'send' ? judge.addLedger(row) : heldBack.push(row);
    for (const name of readerNames(folder)) {
        for (const row of appended(readerPath(folder, name)))
            judge.addSeen(name, row);
    }
    judge.settleRound();
    return judge.violations;
}

async function verdict() {
    const evidence = {
        ledger: allRows(ledgerPath(folder)),
        histories: await Promise.all(world.rooms.map(wholeHistory)),
        readers: readerNames(folder).map((name) => ({
            name, rows: allRows(readerPath(folder, name)),
        })),
    };
    const whole = judgeRun(evidence);
    const blind = evidence.ledger.length > PLANTED_MOST ? [] : Object.keys(FAULTS)
        .filter((name) => judgeRun(planted(evidence, name)).violations.length === 0);
    const violations = [...judge.violations, ...whole.violations];
    return { violations, blind, counts: whole.counts };
}

serve({
    begin: (argument) => { world = argument; },
    round,
    verdict,
});
