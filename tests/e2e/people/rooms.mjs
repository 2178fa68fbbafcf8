// rooms.mjs - rooms in which people of different documents meet.
//
// A room is what the native API says of it, and `other`: who else is in it, for documents whose
// clients name their partner; `token` speaks there from outside, as another device of the first.

import { setTimeout as sleep } from 'node:timers/promises';

import { must, post, signIn } from '../client.mjs';
import { PUSHER } from './pusher_chat.mjs';

export const settings = PUSHER;

const AGAIN_MS = 20;
const isKnock = ({ text }) => text.startsWith('knock ');

/** Whose account it is; gives a token of the native API, where every account signs in. */
async function learnId(server, person) {
    const { account, token } = await signIn(server, person.login, person.password);
    person.id = account.id;
    return token;
}

/** The direct room of two people who have signed up. */
export async function meetDirectly(server, [first, second]) {
    const token = await learnId(server, first);
    await learnId(server, second);
    const room = await must(server, 'POST', '/v1/direct', { token, body: { account: second.id } });
    return { ...room, token, other: ({ login }) => (login === first.login ? second : first) };
}

/** A private room that the first of them makes, and of which all are members. */
export async function makeGroup(server, [first, ...others]) {
    const token = await learnId(server, first);
    const room = await must(server, 'POST', '/v1/rooms', { token, body: { kind: 'private', name: 'all' } });
    for (const person of others) {
        await learnId(server, person);
        await must(server, 'POST', `/v1/rooms/${room.id}/members`,
            { token, body: { account: person.id } });
    }
    return { ...room, token };
}

/** Speak in a room until all of these hear it: some documents have no word for that one has come
 *  in, and what is said right after may be too early. */
export async function knock(server, room, people) {
    const had = people.map(({ heard }) => heard.length);
    const isDeaf = ({ heard }, n) => heard.length === had[n];
    let text;
    for (let n = 1; text === undefined || people.some(isDeaf); n++) {
        text = `knock ${n}`;
        await post(server, room.token, room.id, text);
        await sleep(AGAIN_MS);
    }
    await Promise.all(people.map((person) => person.sees(text)));
}

/** The words of lines, but for knocking. */
export const wordsOf = (lines) => lines.filter((line) => !isKnock(line)).map(({ text }) => text);
