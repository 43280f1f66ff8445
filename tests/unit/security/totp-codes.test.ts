import { totpCodes } from '../../../server/security/totp-codes';

/** "12345678901234567890", the secret of RFC 6238’s own examples. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('codes by time', () => {
  it.each([
    [59, '287082'],
    [1_111_111_109, '081804'],
    [20_000_000_000, '353130'],
  ])('at second %s are those of RFC 6238', (second, code) => {
    expect(totpCodes.stepOf(SECRET, code, second * 1000)).toBe(Math.floor(second / 30));
  });

  it('count one step early or late, and name the step they belong to', () => {
    const step = Math.floor(59 / 30);
    expect(totpCodes.stepOf(SECRET, '287082', 89_000)).toBe(step);
    expect(totpCodes.stepOf(SECRET, '287082', 29_000)).toBe(step);
    expect(totpCodes.stepOf(SECRET, '287082', 121_000)).toBeNull();
  });

  it.each(['', '28708', '2870822', 'abcdef', '28708２'])('are six digits, not %j', (code) => {
    expect(totpCodes.stepOf(SECRET, code, 59_000)).toBeNull();
  });

  it('come from secrets of 160 bits that no two people share', () => {
    const [one, two] = [totpCodes.newSecret(), totpCodes.newSecret()];
    expect(one).toMatch(/^[A-Z2-7]{32}$/);
    expect(one).not.toBe(two);
    expect(totpCodes.uri(one, 'ana@example.com')).toContain('issuer=Stock%20Relay');
  });
});
