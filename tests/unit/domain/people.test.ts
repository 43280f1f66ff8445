import { accessMail } from '../../../server/domain/access-mail';
import { deviceOf } from '../../../server/domain/device';
import { mayAct, mayGrant, roleOfToken } from '../../../server/domain/role';
import { languages } from '../../../server/http/schemas/session';

describe('a role', () => {
  it('may what the lesser ones may', () => {
    expect(mayAct('owner', 'viewer')).toBe(true);
    expect(mayAct('operator', 'operator')).toBe(true);
    expect(mayAct('viewer', 'operator')).toBe(false);
  });

  it('of a token is that of its scope, and never more than its maker’s of today', () => {
    expect(roleOfToken('read', 'owner')).toBe('viewer');
    expect(roleOfToken('write', 'owner')).toBe('operator');
    expect(roleOfToken('admin', 'owner')).toBe('owner');
    expect(roleOfToken('admin', 'operator')).toBe('operator');
    expect(roleOfToken('write', 'viewer')).toBe('viewer');
    expect(mayGrant('operator', 'admin')).toBe(false);
    expect(mayGrant('operator', 'write')).toBe(true);
  });
});

describe('a device in words', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36';
  it.each([
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome}`, 'Chrome', 'Windows'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/140.0`, 'Edge', 'Windows'],
    [`Mozilla/5.0 (Linux; Android 15; Pixel 9) ${chrome}`, 'Chrome', 'Android'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'macOS'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
      'Safari',
      'iPhone',
    ],
    ['curl/8.5.0', null, null],
    [null, null, null],
  ])('%s is %s on %s', (userAgent, browser, system) => {
    expect(deviceOf(userAgent)).toEqual({ browser, system });
  });
});

describe('the letter with a one-time link', () => {
  it('is written in every language, and in English where there is none', () => {
    for (const kind of ['join', 'reset'] as const) {
      const letters = languages.map((language) => accessMail(kind, language, 'https://x.example/join#token=1'));
      expect(new Set(letters.map(({ subject }) => subject)).size).toBe(languages.length);
      for (const { text } of letters) expect(text).toContain('\n\nhttps://x.example/join#token=1\n\n');
      expect(accessMail(kind, 'xx', 'l')).toEqual(accessMail(kind, 'en', 'l'));
    }
  });
});
