import { failure, type Failure } from '../../../server/domain/failure';
import { NOTIFICATION_KINDS } from '../../../server/domain/notice';
import { NOTICE_WORDS, noticeLanguage, noticeWords, type NoticeLanguage } from '../../../server/domain/notice-words';
import { languages } from '../../../server/http/schemas/session';

const all = Object.keys(NOTICE_WORDS) as NoticeLanguage[];
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('The words of notices', () => {
  it('are there in every language a person can choose', () => {
    expect([...all].sort()).toEqual([...languages].sort());
    expect(noticeLanguage('de')).toBe('en');
  });

  it.each(all)('%s has words for every kind, filled with the same things', (language) => {
    const { kinds, mail } = NOTICE_WORDS[language];
    expect(Object.keys(kinds).sort()).toEqual([...NOTIFICATION_KINDS].sort());
    for (const kind of NOTIFICATION_KINDS) {
      for (const part of ['title', 'cause', 'cure', 'place'] as const) {
        expect(kinds[kind][part]).not.toBe('');
        expect(placeholders(kinds[kind][part])).toEqual(placeholders(NOTICE_WORDS.en.kinds[kind][part]));
      }
    }
    for (const [key, text] of Object.entries(NOTICE_WORDS.en.mail)) {
      const said = Object.entries(mail).find(([name]) => name === key)?.[1] ?? '';
      expect(said).not.toBe('');
      expect(placeholders(said)).toEqual(placeholders(text));
      if (language !== 'en' && / /.test(text)) expect(said).not.toBe(text);
    }
  });

  it('are filled, numbers in the language’s way', () => {
    const notice = {
      kind: 'products_unmatched',
      shopName: 'Shop',
      sourceName: 'Till',
      failure: null,
      params: { n: 1284 },
    } as const;
    expect(noticeWords(notice, 'en').title).toBe('Till → Shop: products without a match');
    expect(noticeWords(notice, 'ro').cause).toContain('1.284');
    expect(noticeWords({ ...notice, shopName: null }, 'en').title).toBe('Till → –: products without a match');
  });

  it('name the cause of products in error, in the reader’s language where it has words of its own', () => {
    const titleOf = (failed: Failure, language: NoticeLanguage) =>
      noticeWords(
        { kind: 'products_failed', shopName: 'Shop', sourceName: 'Till', failure: failed, params: { n: 2 } },
        language,
      ).title;
    expect(titleOf(failure('stock_not_managed', { productId: 4 }), 'ro')).toBe(
      'Till → Shop: Gestionarea stocului este oprită în WooCommerce',
    );
    expect(titleOf(failure('product_without_stock', { type: 'grouped' }), 'en')).toBe(
      'Till → Shop: Products of the type “grouped” hold no stock of their own',
    );
    expect(titleOf(failure('shop_server_error', { status: 500 }), 'en')).toBe('Till → Shop: products in error');
  });
});
