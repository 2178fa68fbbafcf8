// rooms.mjs - rooms in which people of different documents meet.
//
// A room is what the native API says of it, and `other`: who else is in it, for documents whose
// clients name their partner; `token` speaks there from outside, as another device of the first.

import { must, signIn } from '../client.mjs';
import { PUSHER } from './pusher_chat.mjs';

export const settings = { ...PUSHER };

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
