// person.mjs - somebody at one of the front doors: an account, a client, and what its screen shows.
//
//   signUp ─ signIn ─ connect ─ enter(room) ─ say(text) … sees(text) ─ signOut ─ close
//
// Each document has a subclass beside this file that does these steps as that document's real
// clients do, with the package that they use.  `shown` is what a person would read there from top
// to bottom: the history when the room was entered, and behind it what came live.  Whatever comes
// is held against the document's shape first (`fits`).  Once `stay` was called, the page comes back
// whenever its socket was away: packages that reconnect do so themselves, for the others it is
// done here; `reenter` is what the page does then.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { keepSecret } from '../server.mjs';

const WAIT_MS = 15_000;
const RETRY_MS = 100;

export class Person {
    /** Rooms that its document has: for many, or for two. */
    static kinds = ['private', 'direct'];

    constructor(server, login) {
        this.server = server;
        this.login = login;
        this.email = keepSecret(`${login}@example.org`);
        this.password = keepSecret(`Pw-1${randomBytes(9).toString('hex')}`);
        this.shown = []; // {author, text, …}, in the order of the screen
        this.heard = []; // those of them that came live, since ever
        this.had = new Set(); // keys of what the history had
        this.watchers = new Set();
    }

    /** What the page does with the room after its socket was away. */
    reenter() {
        return this.enter(this.room);
    }

    stay() {
        this.isStaying = true;
        this.staying = this.keep();
        this.staying.catch((fault) => this.fail(fault));
    }

    async keep() {
        for (;;) {
            await this.gone;
            if (!this.isStaying)
                return;
            await this.comeBack();
        }
    }

    async comeBack() {
        for (;;) {
            try {
                await this.connect();
                return await this.reenter();
            } catch (fault) {
                if (fault.code === 'ERR_ASSERTION')
                    throw fault;
                await sleep(RETRY_MS);
            }
        }
    }

    /** The socket is closed, for good or until the package has reconnected. */
    watch(gone) {
        this.isGone = false;
        this.gone = gone.then(() => {
            this.isGone = true;
            this.look();
        });
    }

    async leave() {
        this.isStaying = false;
        await this.close();
        await this.staying;
        assert.ifError(this.fault);
    }

    /** One more line on the screen; not again what the history had already. */
    show(line) {
        this.heard.push(line);
        if (!this.had.has(keyOf(line)))
            this.shown.push(line);
        if (this.isUnsure)
            this.reread();
        this.look();
    }

    /** Where nothing tells when a room is entered, what is said while it is may be in neither
     *  the history nor what comes live: its page reads again with the first line that came. */
    reread() {
        this.isUnsure = false;
        this.read().catch((fault) => this.fail(fault));
    }

    /** Something went wrong that nobody waits for; whoever looks next is told. */
    fail(fault) {
        this.fault = fault;
        this.look();
    }

    look() {
        this.watchers.forEach((watcher) => watcher());
    }

    /** The room's history takes the screen's place.  What came live since it was asked for, and
     *  the history had not yet, stays behind it. */
    showHistory(lines, since) {
        this.had = new Set(lines.map(keyOf));
        const later = this.heard.slice(since).filter((line) => !this.had.has(keyOf(line)));
        this.shown = [...lines, ...later];
        this.look();
    }

    texts() {
        return this.shown.map(({ text }) => text);
    }

    /** Resolves when `wanted` is true of this person; looks again whenever something came. */
    until(wanted, what, ms = WAIT_MS) {
        return new Promise((resolve, reject) => {
            const settle = (conclude, value) => {
                clearTimeout(late);
                this.watchers.delete(watch);
                conclude(value);
            };
            const late = setTimeout(() => settle(reject, new Error(
                `${this.login}: no ${what} within ${ms} ms; shows ` +
                JSON.stringify(this.shown.slice(-5)))), ms);
            const watch = () => {
                const found = wanted();
                if (this.fault !== undefined)
                    settle(reject, this.fault);
                else if (found)
                    settle(resolve, found);
            };
            this.watchers.add(watch);
            watch();
        });
    }

    sees(text) {
        return this.until(() => this.shown.find((line) => line.text === text), `'${text}'`);
    }

    showsCount(count) {
        return this.until(() => this.shown.length >= count, `line number ${count}`);
    }

    /** An object must have just these members, and each must pass. */
    fits(object, shape) {
        assert.deepEqual(Object.keys(object).sort(), Object.keys(shape).sort());
        for (const [name, isGood] of Object.entries(shape))
            assert.ok(isGood(object[name]), `${name} of ${JSON.stringify(object)}`);
        return object;
    }
}

/** By what a page knows that two lines are one. */
const keyOf = ({ id, author, time, text }) => id ?? `${author} ${time} ${text}`;

export const isText = (value) => typeof value === 'string';
export const isId = (value) => Number.isSafeInteger(value) && value > 0;
export const isUuid = (value) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
export const isTime = (value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value);
