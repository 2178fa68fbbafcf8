// ledger.mjs - the evidence of a run: append-only files of JSON rows, one a line.
//
// ledger.log, written by the load process, each row with a write(2) of its own, the send before
// the message leaves and the ack after it was read:
//
//     ["send", text, room, account, client id]      once a message, retries are not repeated
//     ["ack", text, room sequence or null, message id]
//     ["fault", sentence]                           something that must not happen
//
// reader-<name>.log, what one reader met, in order:
//
//     ["rooms", [room, …]]                          first of all: what it is in
//     ["open", since or null, resumed]
//     ["seen", journal sequence or null, room, room sequence or null, message id, text]

import { closeSync, openSync, readSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const CHUNK = 1 << 20;
const FLUSH_MS = 20;

export const ledgerPath = (folder) => join(folder, 'ledger.log');
export const readerPath = (folder, name) => join(folder, `reader-${name}.log`);

/** The names of all readers that have left a file. */
export function readerNames(folder) {
    return readdirSync(folder)
        .map((file) => /^reader-(.+)\.log$/.exec(file)?.[1])
        .filter((name) => name !== undefined);
}

/** Appends rows; `prompt` ones are in the file when `write` returns, others a little later. */
export class RowWriter {
    constructor(path, { prompt }) {
        this.file = openSync(path, 'a');
        this.prompt = prompt;
        this.waiting = '';
        this.timer = null;
    }

    write(...row) {
        this.waiting += `${JSON.stringify(row)}\n`;
        if (this.prompt)
            this.flush();
        else
            this.timer ??= setTimeout(() => this.flush(), FLUSH_MS);
    }

    flush() {
        clearTimeout(this.timer);
        this.timer = null;
        if (this.waiting !== '')
            writeSync(this.file, this.waiting);
        this.waiting = '';
    }
}

/** Reads rows that have been appended since the last call; a half-written one waits. */
export class RowReader {
    constructor(path) {
        this.file = openSync(path, 'r');
        this.rest = Buffer.alloc(0);
    }

    *rows() {
        const chunk = Buffer.alloc(CHUNK);
        for (let count; (count = readSync(this.file, chunk)) > 0;) {
            const bytes = Buffer.concat([this.rest, chunk.subarray(0, count)]);
            const end = bytes.lastIndexOf(0x0a) + 1;
            this.rest = Buffer.from(bytes.subarray(end));
            for (const line of bytes.toString('utf8', 0, end).split('\n')) {
                if (line !== '')
                    yield JSON.parse(line);
            }
        }
    }

    close() {
        closeSync(this.file);
    }
}
