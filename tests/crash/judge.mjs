// judge.mjs - decides whether the histories agree with what was sent, acknowledged and seen.
//
// Pure: rows and messages in, violations out; no files, no network.  Evidence may come bit by
// bit (a round after each crash), in this order within a round: ledger rows, histories, ledger
// rows again, readers' rows; then `settleRound`.  What it holds:
//
//  1. Room sequences are 1, 2, 3 … without a gap, and message ids are unique.
//  2. Every message of a history was sent, by that account, to that room.
//  3. No message is in the histories twice, however often it was retried.
//  4. Every acknowledged message is in its history, with the acknowledged sequence and id.
//  5. A message sent after an acknowledgement stands behind the acknowledged one in its room.
//  6. A reader sees each room's messages in the history's order, each once, none left out,
//     over all its connections; journal sequences ascend.
//  7. In the end every message sent is there, and every reader has seen every room to its end.

const MOST_VIOLATIONS = 50;

export class Judge {
    constructor() {
        this.violations = [];
        this.sent = new Map();      // text -> what is known of that message
        this.unproven = new Set();  // acknowledged, not yet found in a history
        this.rooms = new Map();     // room -> its history so far: [message], index = seq - 1
        this.ids = new Map();       // message id -> text
        this.ackedUpTo = new Map(); // room -> highest acknowledged sequence so far
        this.readers = new Map();   // name -> {journal, rooms: room -> last, waiting}
        this.counts = { sent: 0, acked: 0, seen: 0, resumed: 0 };
    }

    violated(sentence) {
        if (this.violations.length < MOST_VIOLATIONS)
            this.violations.push(sentence);
    }

    addLedger(row) {
        const [verb, ...rest] = row;
        if (verb === 'send')
            this.addSend(...rest);
        else if (verb === 'ack')
            this.addAck(...rest);
        else
            this.violated(`the load met a fault: ${rest[0]}`);
    }

    addSend(text, room, account, clientId) {
        if (this.sent.has(text))
            throw new Error(`the load sent '${text}' as two messages`);
        this.sent.set(text, {
            room, account, clientId, behind: this.ackedUpTo.get(room) ?? 0, ack: null, stored: null,
        });
        this.counts.sent++;
    }

    addAck(text, seq, id) {
        const message = this.sent.get(text);
        this.counts.acked++;
        if (message.ack !== null)
            this.violated(`'${text}' was acknowledged twice`);
        message.ack = { seq, id };
        this.unproven.add(text);
        if (seq !== null && seq > (this.ackedUpTo.get(message.room) ?? 0))
            this.ackedUpTo.set(message.room, seq);
    }

    /** How far a room's history is known; the next page begins behind it. */
    known(room) {
        return this.rooms.get(room)?.length ?? 0;
    }

    /** More of a room's history, from the sequence behind `known` on. */
    addHistory(room, messages) {
        const history = this.rooms.get(room) ?? [];
        this.rooms.set(room, history);
        for (const { seq, id, text, sender } of messages) {
            if (seq !== history.length + 1)
                this.violated(`room ${room}: sequence ${seq} follows ${history.length}`);
            if (this.ids.has(id))
                this.violated(`message id ${id} is '${this.ids.get(id)}' and '${text}'`);
            this.ids.set(id, text);
            history.push({ seq, id, text, sender, room, checked: false });
        }
    }

    /** A part of a history that is known already must be what it was. */
    recheck(room, messages) {
        for (const { seq, id, text } of messages) {
            const known = this.rooms.get(room)[seq - 1];
            if (known !== undefined && (known.id !== id || known.text !== text))
                this.violated(`room ${room}: ${seq} was '${known.text}' and is '${text}'`);
        }
    }

    addSeen(name, row) {
        const reader = this.reader(name);
        const [verb, ...rest] = row;
        if (verb === 'rooms')
            rest[0].forEach((room) => reader.rooms.set(room, 0));
        else if (verb === 'open')
            this.addOpen(name, ...rest);
        else
            this.addSight(name, reader, rest);
    }

    addSight(name, reader, row) {
        const [journal] = row;
        if (journal !== null && journal <= reader.journal)
            this.violated(`reader ${name} saw journal ${journal} after ${reader.journal}`);
        reader.journal = journal ?? reader.journal;
        reader.waiting.push(row);
    }

    reader(name) {
        if (!this.readers.has(name))
            this.readers.set(name, { journal: 0, rooms: new Map(), waiting: [] });
        return this.readers.get(name);
    }

    addOpen(name, since, resumed) {
        if (since === null)
            return;
        this.counts.resumed++;
        if (resumed !== true)
            this.violated(`reader ${name} could not resume from ${since}`);
    }

    /** End of a round: everything acknowledged is there; readers saw what is there. */
    settleRound() {
        for (const history of this.rooms.values())
            this.settleHistory(history);
        for (const text of this.unproven)
            this.settleAck(text, this.sent.get(text));
        this.unproven.clear();
        for (const [name, reader] of this.readers)
            this.settleReader(name, reader);
    }

    settleHistory(history) {
        for (let index = history.length - 1; index >= 0 && !history[index].checked; index--) {
            this.settleMessage(history[index]);
            history[index].checked = true;
        }
    }

    settleMessage(entry) {
        const { seq, text, sender, room } = entry;
        const message = this.sent.get(text);
        if (message === undefined) {
            this.violated(`room ${room}: nobody sent '${text}' (${seq})`);
            return;
        }
        if (message.room !== room || message.account !== sender)
            this.violated(`'${text}' was sent to room ${message.room}, and is in ${room}`);
        if (message.stored !== null)
            this.violated(`'${text}' is ${message.stored.seq} and again ${seq} of room ${room}`);
        message.stored = entry;
        if (seq <= message.behind)
            this.violated(`'${text}' is ${seq}, sent after ${message.behind} was acknowledged`);
    }

    settleAck(text, { room, ack, stored }) {
        if (stored === null) {
            this.violated(`'${text}', acknowledged as ${ack.seq} of room ${room}, is lost`);
            return;
        }
        const { seq, id } = stored;
        if (ack.id !== id || (ack.seq !== null && ack.seq !== seq)) {
            this.violated(`'${text}' was acknowledged as ${ack.seq} with id ${ack.id}, `
                + `and is ${seq} with id ${id}`);
        }
    }

    /** Hold what a reader saw against the histories; rows that lie ahead of them wait. */
    settleReader(name, reader) {
        const { waiting } = reader;
        reader.waiting = [];
        for (const row of waiting) {
            const [, room, seq, id, text] = row;
            const history = this.rooms.get(room) ?? [];
            const place = seq ?? this.sent.get(text)?.stored?.seq;
            if (place === undefined || place > history.length)
                reader.waiting.push(row);
            else
                this.settleSeen(name, reader, history, { room, seq: place, id, text });
        }
    }

    settleSeen(name, reader, history, { room, seq, id, text }) {
        this.counts.seen++;
        const last = reader.rooms.get(room) ?? 0;
        const stored = history[seq - 1];
        if (seq !== last + 1)
            this.violated(`reader ${name} saw ${seq} of room ${room} after ${last}`);
        reader.rooms.set(room, Math.max(seq, last));
        if (stored.id !== id || stored.text !== text)
            this.violated(`reader ${name} saw '${text}' as ${seq} of room ${room}, `
                + `where '${stored.text}' is`);
    }

    /** End of the run: nothing is unsettled, nobody has missed anything. */
    settleRun() {
        this.settleRound();
        for (const [text, { stored, ack }] of this.sent) {
            if (ack === null)
                this.violated(`'${text}' was never acknowledged`);
            if (stored === null)
                this.violated(`'${text}' is in no history`);
        }
        for (const [name, reader] of this.readers) {
            for (const [, room, , id, text] of reader.waiting)
                this.violated(`reader ${name} saw '${text}' (${id}), which room ${room} lacks`);
            for (const [room, last] of reader.rooms) {
                if (last !== this.known(room))
                    this.violated(`reader ${name} saw room ${room} up to ${last} only`);
            }
        }
    }
}

/** Judge a whole run at once; gives the judge. */
export function judgeRun({ ledger, histories, readers }) {
    const judge = new Judge();
    ledger.forEach((row) => judge.addLedger(row));
    histories.forEach(({ room, messages }) => judge.addHistory(room, messages));
    for (const { name, rows } of readers)
        rows.forEach((row) => judge.addSeen(name, row));
    judge.settleRun();
    return judge;
}
