/** One element of DER: what stands in it, and in which elements it consists if it is made of such. */
export interface DerElement {
  tag: number;
  content: Buffer;
  /** Empty for a primitive one. */
  children: readonly DerElement[];
}

/** @throws RangeError when the bytes end too early */
export function readDer(bytes: Buffer): DerElement {
  return readAt(bytes, 0).element;
}

function readAt(bytes: Buffer, start: number): { element: DerElement; end: number } {
  const tag = bytes.readUInt8(start);
  let offset = start + 2;
  let length = bytes.readUInt8(start + 1);
  if (length >= 0x80) {
    const size = length & 0x7f;
    length = bytes.readUIntBE(offset, size);
    offset += size;
  }
  const end = offset + length;
  if (end > bytes.length) throw new RangeError('element is longer than its bytes');
  const content = bytes.subarray(offset, end);
  // Bit 6 of the tag: constructed.
  return { element: { tag, content, children: tag & 0x20 ? readAll(content) : [] }, end };
}

function readAll(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const { element, end } = readAt(bytes, offset);
    elements.push(element);
    offset = end;
  }
  return elements;
}

/** `1.2.840.10045.4.3.2` */
export function objectIdentifierOf({ content }: DerElement): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}
