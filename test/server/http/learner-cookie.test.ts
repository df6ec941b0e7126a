import { describe, expect, it } from 'vitest';
import { createLearnerCookie } from '../../../server/http/learner-cookie.ts';

const valueOf = (setCookie: string) => setCookie.split(';')[0] ?? '';

describe('createLearnerCookie', () => {
  it('knows the learner it issued a cookie for, among other cookies', () => {
    const cookie = createLearnerCookie()('taller-3000');
    const header = valueOf(cookie.issue());

    expect(cookie.read(`theme=dark; ${header}; other=1`)).toMatch(/^[0-9a-f]{32}$/);
    expect(cookie.read(header)).toBe(cookie.read(header));
  });

  it('gives every learner another identity', () => {
    const cookie = createLearnerCookie()('taller-3000');

    expect(cookie.read(valueOf(cookie.issue()))).not.toBe(cookie.read(valueOf(cookie.issue())));
  });

  it('hides the cookie from scripts and from other sites', () => {
    expect(createLearnerCookie()('taller-3000').issue()).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  it('refuses cookies of another process, another port, and altered ones', () => {
    const cookie = createLearnerCookie()('taller-3000');
    const header = valueOf(cookie.issue());
    const last = header.at(-1) === '0' ? '1' : '0';

    expect(createLearnerCookie()('taller-3000').read(header)).toBeNull();
    expect(cookie.read(header.replace('3000', '3001'))).toBeNull();
    expect(cookie.read(header.slice(0, -1) + last)).toBeNull();
    expect(cookie.read(header.slice(0, -1))).toBeNull();
    expect(cookie.read('taller-3000=')).toBeNull();
    expect(cookie.read(undefined)).toBeNull();
  });
});
