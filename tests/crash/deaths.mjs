// deaths.mjs - every way in which a part of a server can die that is one process a role.
//
// At random, all at once or one alone; or at a failpoint (actors/failpoints.def), when an event has
// come so far in that process.  Each actor meets the events that it makes and hears under load, and
// those that `stir` causes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const ROLES = ['broker', 'session', 'room', 'matching', 'search', 'notifier', 'edge'];
const BROKER = ['broker.numbered', 'journal.writing', 'journal.written', 'broker.telling', 'broker.told'];
const MAKES = ['actor.emitted', 'actor.sent'];
const TAKES = ['actor.heard', 'actor.took', 'actor.flushed'];
const KEEPS = ['snapshot.copied', 'snapshot.noted', 'snapshot.kept', 'snapshot.dropped', 'cut.noted', 'cut.done'];

/** [role, points, event, whether it has to be stirred up] */
const TABLE = [
    ['broker', BROKER, 'room.posted', false],
    ['room', [...MAKES, ...TAKES], 'room.posted', false],
    ['search', TAKES, 'room.posted', false],
    ['notifier', TAKES, 'room.posted', false],
    ['notifier', MAKES, 'notified', true],
    ['session', [...MAKES, ...TAKES], 'session.opened', true],
    ['matching', [...MAKES, ...TAKES], 'people.liked', true],
];

/** A snapshot comes once in many seconds. */
const SELDOM = [
    ['room', ['snapshot.copying'], 'bus.snapshot', false],
    ['broker', KEEPS, 'bus.snapshot', false],
];

const rows = (table) => table.flatMap(([role, points, event, stirred]) =>
    points.map((point) => ({ role, failpoint: `${point}@${event}`, stirred })));

export const AT_POINTS = rows(TABLE);
export const AT_SELDOM = rows(SELDOM);

/** Alone or all together. */
export const AT_RANDOM = [...ROLES, 'all'].map((role) => ({ role }));

export const named = ({ role, failpoint }) => (failpoint === undefined ? role : `${role} at ${failpoint}`);

/** Each failpoint of the table that the server has is somewhere here. */
export function assertComplete() {
    const table = readFileSync(new URL('../../actors/failpoints.def', import.meta.url), 'utf8');
    const points = [...table.matchAll(/^FAILPOINT\(\w+, "([a-z.]+)"/gm)].map(([, name]) => name);
    const here = new Set([...AT_POINTS, ...AT_SELDOM].map(({ failpoint }) => failpoint.split('@')[0]));
    assert.deepEqual(points.filter((point) => !here.has(point)), []);
}

const SELDOM_EACH = 10; // rounds

/** One after the other, a random death and one at a point, and in some rounds one that takes long:
 *  in the end every death has come. */
export function* deathsFrom(start) {
    for (let round = start; ; round++) {
        yield AT_RANDOM[round % AT_RANDOM.length];
        yield AT_POINTS[round % AT_POINTS.length];
        if (round % SELDOM_EACH === 0)
            yield AT_SELDOM[round / SELDOM_EACH % AT_SELDOM.length];
    }
}
