// tap.mjs - a cable that keeps every byte which the server sends, whatever protocol it speaks.

import { Cable } from './cable.mjs';

/** What comes by chance, and may look like anything: tokens, tags of content, lengths, uuids. */
const NOISE = [/eyJ[\w-]+\.[\w-]+\.[\w-]*/g, /^(etag|content-length|set-cookie|date): .*$/gim,
    /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g];

export class Tap extends Cable {
    constructor() {
        super();
        this.lines = []; // one for each connection: what came, in order
    }

    join(near, port) {
        const line = [];
        this.lines.push(line);
        const write = near.write.bind(near);
        near.write = (bytes, ...more) => {
            line.push(bytes);
            return write(bytes, ...more);
        };
        return super.join(near, port);
    }

    /** Forget what came so far. */
    clear() {
        this.lines.forEach((line) => { line.length = 0; });
    }

    text() {
        return this.lines.map((line) => Buffer.concat(line).toString('latin1')).join('\n');
    }

    /** Where any of the words came, or by itself the number if one is given: what stands there. */
    finds(words, number) {
        const text = this.text();
        const quiet = NOISE.reduce((left, noise) => left.replace(noise, ''), text);
        const alone = new RegExp(`[:,\\[_"]${number}[,}\\]_"]`, 'g');
        return [...words.flatMap((word) => placesOf(text, new RegExp(word, 'gi'))),
            ...(number === undefined ? [] : placesOf(quiet, alone))];
    }
}

const placesOf = (text, wanted) => [...text.matchAll(wanted)]
    .map(({ index }) => text.slice(Math.max(0, index - 120), index + 60));
