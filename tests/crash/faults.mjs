// faults.mjs - faults to plant in the evidence of a good run, to prove that the judge sees them.
//
// Each takes {ledger, histories, readers} and changes one thing in it, the way that a broken
// server would have left it.

const middle = (list) => Math.floor(list.length / 2);
const longest = (histories) => histories.toSorted((a, b) =>
    b.messages.length - a.messages.length)[0].messages;
const seenRows = (readers) => readers[0].rows;

/** Index of the middle "seen" row of a reader. */
function middleSeen(rows) {
    const seen = rows.map((row, index) => (row[0] === 'seen' ? index : -1)).filter((i) => i >= 0);
    return seen[middle(seen)];
}

/** Index of the seen row that follows in the same room. */
function nextInRoom(rows, from) {
    return rows.findIndex((row, index) =>
        index > from && row[0] === 'seen' && row[2] === rows[from][2]);
}

function renumber(messages) {
    messages.forEach((message, index) => { message.seq = index + 1; });
}

export const FAULTS = {
    'a message is gone, its sequence with it': ({ histories }) => {
        const messages = longest(histories);
        messages.splice(middle(messages), 1);
    },
    'a message is gone, and the rest moved up': ({ histories }) => {
        const messages = longest(histories);
        messages.splice(middle(messages), 1);
        renumber(messages);
    },
    'the last message is gone': ({ histories }) => {
        longest(histories).pop();
    },
    'a message is there twice': ({ histories }) => {
        const messages = longest(histories);
        const at = middle(messages);
        messages.splice(at, 0, { ...messages[at], id: 2 ** 50 });
        renumber(messages);
    },
    'two messages have changed places': ({ histories }) => {
        const messages = longest(histories);
        const at = middle(messages);
        [messages[at], messages[at + 1]] = [messages[at + 1], messages[at]];
        renumber(messages);
    },
    'a text is another': ({ histories }) => {
        const messages = longest(histories);
        messages[middle(messages)].text += '?';
    },
    'two messages share an id': ({ histories }) => {
        const messages = longest(histories);
        messages[middle(messages)].id = messages[0].id;
    },
    'a message is in another room': ({ histories }) => {
        const [from, to = { room: from.room + 1, messages: [] }] = histories;
        if (histories.length === 1)
            histories.push(to);
        to.messages.push({ ...from.messages.pop(), seq: to.messages.length + 1 });
    },
    'an acknowledgement named another sequence': ({ ledger }) => {
        const acks = ledger.filter(([verb, , seq]) => verb === 'ack' && seq !== null);
        acks[middle(acks)][2] += 1;
    },
    'an acknowledgement named another id': ({ ledger }) => {
        const acks = ledger.filter(([verb]) => verb === 'ack');
        acks[middle(acks)][3] += 1;
    },
    'a message was never acknowledged': ({ ledger }) => {
        ledger.splice(ledger.findIndex(([verb]) => verb === 'ack'), 1);
    },
    'a reader missed a message': ({ readers }) => {
        const rows = seenRows(readers);
        rows.splice(middleSeen(rows), 1);
    },
    'a reader missed the end': ({ readers }) => {
        const rows = seenRows(readers);
        rows.splice(rows.findLastIndex(([verb]) => verb === 'seen'), 1);
    },
    'a reader saw a message twice': ({ readers }) => {
        const rows = seenRows(readers);
        const at = middleSeen(rows);
        rows.splice(at, 0, rows[at]);
    },
    'a reader saw two messages in the other order': ({ readers }) => {
        const rows = seenRows(readers);
        const at = middleSeen(rows);
        const next = nextInRoom(rows, at);
        [rows[at], rows[next]] = [rows[next], rows[at]];
    },
    'a reader saw a message that nobody stored': ({ readers }) => {
        const rows = seenRows(readers);
        const last = rows.findLast(([verb]) => verb === 'seen');
        rows.push(['seen', last[1] + 1, last[2], last[3] + 1, 2 ** 50, 'a ghost']);
    },
    'a reader could not resume': ({ readers }) => {
        seenRows(readers).push(['open', 1, false]);
    },
};

/** A copy of the evidence with one fault in it. */
export function planted(evidence, name) {
    const copy = structuredClone(evidence);
    FAULTS[name](copy);
    return copy;
}
