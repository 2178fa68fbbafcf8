// pictures.mjs - pictures that hold together, each like no other: of any size, with noise for what they show.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

const u32 = (number, little = false) => {
    const bytes = Buffer.alloc(4);
    little ? bytes.writeUInt32LE(number) : bytes.writeUInt32BE(number);
    return bytes;
};

function chunk(type, content) {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    return Buffer.concat([u32(content.length), named, u32(crc32(named))]);
}

const kinds = {
    png: (noise) => [
        Buffer.from('89504e470d0a1a0a', 'hex'),
        chunk('IHDR', Buffer.concat([u32(8), u32(8), Buffer.from('0802000000', 'hex')])),
        chunk('IDAT', noise), chunk('IEND', Buffer.alloc(0)),
    ],
    jpg: (noise) => [
        Buffer.from('ffd8ffda0008010100003f00', 'hex'), noise.map((byte) => byte & 0x7f), Buffer.from('ffd9', 'hex'),
    ],
    gif: (noise) => [
        Buffer.from('GIF89a', 'latin1'), Buffer.from('08000800000000', 'hex'),
        Buffer.from('2c00000000080008000002', 'hex'),
        ...Array.from({ length: Math.ceil(noise.length / 255) }, (_, i) => noise.subarray(i * 255, (i + 1) * 255))
            .flatMap((block) => [Buffer.from([block.length]), block]),
        Buffer.from('003b', 'hex'),
    ],
    webp: (noise) => [
        Buffer.from('RIFF', 'latin1'), u32(noise.length + 12, true), Buffer.from('WEBPVP8 ', 'latin1'),
        u32(noise.length, true), noise,
    ],
};

export const TYPES = { png: 'image/png', jpg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp' };

/** A picture of exactly so many bytes; of GIF of about as many, of WebP of an even number. */
export function picture(kind = 'png', size = 1000) {
    const frame = Buffer.concat(kinds[kind](Buffer.alloc(0))).length;
    return Buffer.concat(kinds[kind](randomBytes(size - frame)));
}

/** A real one, see tests/images/make. */
export const real = (name) => readFileSync(new URL(`../images/${name}`, import.meta.url));
