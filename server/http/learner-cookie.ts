import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Tells learners apart by a cookie that only this process can issue. It keeps no list of them. */
export interface LearnerCookie {
  /** The learner of a Cookie header; null when it holds no cookie of ours that is genuine. */
  read(header: string | undefined): string | null;
  /** A Set-Cookie value for a new learner. Strict: no other site's link may open a shell. */
  issue(): string;
}

const ID_BYTES = 16;

/** @param name differs by port, because browsers share cookies between the ports of a host. */
export function createLearnerCookie(key = randomBytes(32)): (name: string) => LearnerCookie {
  const sign = (id: string) => createHmac('sha256', key).update(id).digest();
  return (name) => ({
    read(header) {
      for (const pair of header?.split(';') ?? []) {
        const [key, value] = pair.trim().split('=', 2);
        const match = key === name ? /^([0-9a-f]{32})\.([0-9a-f]{64})$/.exec(value ?? '') : null;
        if (match?.[1] && timingSafeEqual(sign(match[1]), Buffer.from(match[2] ?? '', 'hex'))) return match[1];
      }
      return null;
    },
    issue() {
      const id = randomBytes(ID_BYTES).toString('hex');
      return `${name}=${id}.${sign(id).toString('hex')}; Path=/; HttpOnly; SameSite=Strict`;
    },
  });
}
