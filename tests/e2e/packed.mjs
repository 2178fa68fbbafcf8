// packed.mjs - a client of the subprotocol kith.v1.msgpack: Native's frames through a stock codec.

import { decode, encode } from '@msgpack/msgpack';

import { Native } from './client.mjs';

export const PACKED = 'kith.v1.msgpack';

export class Packed extends Native {
    constructor(url, options = {}) {
        super(url, { protocol: PACKED, ...options });
    }

    encode(frame) {
        return encode(frame);
    }

    decode(data) {
        return decode(data);
    }
}
