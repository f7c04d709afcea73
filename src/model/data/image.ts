// Decodes PNG and JPEG files after looking at the size in their headers.
// Refuses other formats whatever their extension says, pictures of more than 64 million pixels, and files that are cut short,
// of which the decoder would give what is there.

import { readFileSync, statSync } from 'node:fs';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { InputError } from '../../core/errors.ts';
import type { Raster } from './resample.ts';

const mostPixels = 2 ** 26;
const mostBytes = 2 ** 28;

/** Width and height from the header of a PNG or JPEG; undefined for other bytes. */
export function imageSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a) {
    return { width: view.getUint32(16), height: view.getUint32(20) };
  }
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const startOfFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (startOfFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === 0xda) return undefined;
    const alone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** True when a PNG has all chunks to its last one, a JPEG the marker of its end. */
export function isWhole(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] === 0x89) {
    for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
      if (view.getUint32(at + 4) === 0x49454e44) return true; // IEND
    }
    return false;
  }
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda)
    at += bytes[at + 1] === 0xff ? 1 : 2 + view.getUint16(at + 2); // a thumbnail inside a segment has an end of its own
  return all.indexOf(Buffer.of(0xff, 0xd9), at) >= 0;
}

/** The picture as RGBA bytes. @throws InputError naming the file */
export async function readImage(path: string): Promise<Raster> {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > mostBytes) {
      throw new InputError(`has ${size} bytes`, { file: path, expected: `at most ${mostBytes}` });
    }
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot read (${(error as NodeJS.ErrnoException).code ?? 'error'})`, { file: path });
  }
  const size = imageSize(bytes);
  if (size === undefined) throw new InputError('is not a PNG or JPEG picture', { file: path });
  const { width, height } = size;
  if (width < 1 || height < 1 || width * height > mostPixels) {
    throw new InputError(`is ${width}x${height} pixels`, {
      file: path,
      expected: `1 to ${mostPixels} pixels`,
    });
  }
  if (!isWhole(bytes)) throw new InputError('is cut short', { file: path, expected: 'a whole picture' });
  try {
    const image = await loadImage(bytes);
    const canvas = createCanvas(image.width, image.height);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return { width: image.width, height: image.height, channels: 4, pixels: data };
  } catch (error) {
    throw new InputError(`cannot be decoded (${(error as Error).message})`, { file: path });
  }
}
