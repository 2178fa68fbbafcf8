// What must not compile: a call with a field that it does not have.
import { Kith } from '../../tools/typescript/kith.js';

export const wrong = (kith: Kith) => kith.call('room.get', { room: 1, colour: 'red' });
