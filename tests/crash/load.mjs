// load.mjs - the load's process: accounts, rooms, senders and readers, driven by its parent.
//
//   begin   sign everybody up, open the readers, start sending; answers what a checker needs
//   acks    how many acknowledgements have been read
//   mute    from now on count nothing as read that comes on an open connection, and open none
//   thaw    go on with new connections
//   settle  send no more than the quota, see all acknowledged and every reader at the end
//
// The ledger and the readers' files are its only other output.

import assert from 'node:assert/strict';

import { register } from '../e2e/chatapi.mjs';
import { eventually, makeRoom, must, signUp } from '../e2e/client.mjs';
import { RowWriter, ledgerPath, readerPath } from './ledger.mjs';
import { ChatReader, NativeReader } from './readers.mjs';
import { ChatSender, NativeSender } from './senders.mjs';
import { serve } from './worker.mjs';

const CATCH_UP_MS = 60_000;

const folder = process.argv[2];
const run = {
    server: null,
    ledger: new RowWriter(ledgerPath(folder), { prompt: true }),
    acks: 0,
    era: 0,
    isOpen: true,
    ended: false,
    gate: Promise.resolve(),
    openGate: () => {},
};
let readers = [];
let senders = [];
let sending;

const each = (count, make) => Promise.all(Array.from({ length: count }, (_, n) => make(n)));

/** plan: {url, socketUrl, rooms, senders, chatSenders, readers, chatReaders, window, quota} */
async function begin(plan) {
    run.server = { url: plan.url, socketUrl: plan.socketUrl };
    const owner = await signUp(run.server, 'owner');
    const rooms = (await each(plan.rooms, () => makeRoom(run.server, owner.token)))
        .map((room) => room.id);
    readers = [
        ...await each(plan.readers, (n) => nativeReader(n, rooms)),
        ...await each(plan.chatReaders, (n) => chatReader(n, rooms)),
    ];
    await Promise.all(readers.map((reader) => reader.start()));
    senders = [
        ...await each(plan.senders, (n) => nativeSender(n, rooms, plan)),
        ...await each(plan.chatSenders, (n) => chatSender(n, rooms, plan)),
    ];
    sending = Promise.all(senders.map((sender) => sender.work()));
    return { ...run.server, token: owner.token, rooms };
}

async function join(token, rooms) {
    for (const room of rooms)
        await must(run.server, 'POST', `/v1/rooms/${room}/members`, { token, body: {} });
}

/** Reader 0 is in all rooms, 1 drops now and then, others are in half of the rooms each. */
async function nativeReader(number, rooms) {
    const own = number < 2 ? rooms : rooms.filter((_, index) => index % 2 === number % 2);
    const { token } = await signUp(run.server, `reader-${number}`);
    await join(token, own);
    const name = `native-${number}`;
    const rows = new RowWriter(readerPath(folder, name), { prompt: false });
    return new NativeReader(run, { name, token, rooms: own, rows, drops: number === 1 });
}

async function chatReader(number, rooms) {
    const { token } = await register(run.server, `ChatReader${number}`);
    const name = `chat-${number}`;
    const rows = new RowWriter(readerPath(folder, name), { prompt: false });
    return new ChatReader(run, { name, token, rooms, rows });
}

async function nativeSender(number, rooms, { window, quota }) {
    const { id, token } = await signUp(run.server, `sender-${number}`);
    const room = rooms[number % rooms.length];
    return new NativeSender(run, {
        index: number, account: id, token, rooms: [room], window, quota: quota ?? Infinity,
    });
}

async function chatSender(number, rooms, { quota }) {
    const { id, token } = await register(run.server, `ChatSender${number}`);
    const own = [rooms[number % rooms.length], rooms[(number + 1) % rooms.length]];
    return new ChatSender(run, {
        index: `c${number}`, account: id, token, rooms: own, window: 1, quota: quota ?? Infinity,
    });
}

function mute() {
    run.era++;
    run.isOpen = false;
    run.gate = new Promise((resolve) => { run.openGate = resolve; });
}

function thaw() {
    run.isOpen = true;
    run.openGate();
}

async function settle() {
    senders.forEach((sender) => sender.stop());
    await sending;
    const ends = new Map();
    for (const reader of readers) {
        for (const room of reader.rooms)
            ends.set(room, (await must(run.server, 'GET', `/v1/rooms/${room}`, reader)).seq);
    }
    // A reader that does not get there is for the checker to tell.
    await eventually(() => readers.flatMap((reader) => [...reader.last]),
        (lasts) => lasts.every(([room, last]) => last >= ends.get(room)),
        'readers catch up', CATCH_UP_MS).catch((error) => assert.match(error.message, /catch up/));
    run.ended = true;
    [...senders, ...readers].forEach((client) => client.close());
    readers.forEach((reader) => reader.rows.flush());
    return run.acks;
}

serve({ begin, acks: () => run.acks, mute, thaw, settle });
