import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { complaintsOf } from './browser';

export type Language = 'en' | 'ro' | 'fr' | 'es' | 'pt-BR';

export interface PersonsWay {
  readonly language: Language;
  readonly width: number;
  /** With the keyboard alone: the mouse is never touched. */
  readonly byKeyboard: boolean;
}

/** The ways in which a journey is gone: another language, a phone's width, and no mouse. */
export const WAYS: readonly (readonly [string, PersonsWay])[] = [
  ['in English, with a mouse, on a desk', { language: 'en', width: 1280, byKeyboard: false }],
  ['in Romanian, with the keyboard alone, 390 px wide', { language: 'ro', width: 390, byKeyboard: true }],
];

const MOST_TABS = 150;
const REGION: Readonly<Record<Language, string>> = {
  en: 'en-GB',
  ro: 'ro-RO',
  fr: 'fr-FR',
  es: 'es-ES',
  'pt-BR': 'pt-BR',
};

/** Somebody in front of the panel, who reads its words and presses what they name. */
export class Person {
  /** How often something was pressed. */
  presses = 0;
  readonly complaints: string[];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly way: PersonsWay,
    private readonly words: unknown,
  ) {
    this.complaints = complaintsOf(page);
  }

  static async sitDown(browser: Browser, way: PersonsWay): Promise<Person> {
    const context = await browser.newContext({
      viewport: { width: way.width, height: 900 },
      locale: REGION[way.language],
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const file = path.resolve(__dirname, `../../admin-ui/src/locales/${way.language}.json`);
    const words: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return new Person(page, context, way, words);
  }

  /** What the panel says for this key, up to its first gap: enough to find it by. */
  says(key: string, params: Readonly<Record<string, string>> = {}): string {
    let at: unknown = this.words;
    for (const part of key.split('.')) at = Object(at)[part];
    if (typeof at !== 'string') throw new Error(`The panel has no words for ${key}`);
    return at.replace(/\{(\w+)\}/g, (gap, name: string) => params[name] ?? gap);
  }

  button(key: string, params?: Readonly<Record<string, string>>): Locator {
    return this.page.getByRole('button', { name: this.says(key, params), exact: true });
  }

  link(key: string, params?: Readonly<Record<string, string>>): Locator {
    return this.page.getByRole('link', { name: this.says(key, params) });
  }

  text(key: string, params?: Readonly<Record<string, string>>): Locator {
    return this.page.getByText(this.says(key, params)).first();
  }

  async press(what: Locator): Promise<void> {
    this.presses++;
    if (!this.way.byKeyboard) return what.click();
    await this.reach(what);
    await this.page.keyboard.press('Enter');
  }

  async tick(what: Locator): Promise<void> {
    this.presses++;
    if (!this.way.byKeyboard) return what.check();
    await this.reach(what);
    await this.page.keyboard.press('Space');
  }

  /** One of a group: with the keyboard the group is reached, and gone through with the arrow keys. */
  async choose(what: Locator, group: Locator): Promise<void> {
    this.presses++;
    if (!this.way.byKeyboard) return what.check();
    await this.reach(group);
    for (let tries = 0; !(await what.isChecked()); tries++) {
      if (tries > 20) throw new Error('The choice cannot be reached with the arrow keys');
      await this.page.keyboard.press('ArrowDown');
    }
  }

  async fill(what: Locator, text: string): Promise<void> {
    if (!this.way.byKeyboard) return what.fill(text);
    await this.reach(what);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(text);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  /** Tab by tab, as far as it takes; where that does not lead, nobody without a mouse gets. */
  private async reach(what: Locator): Promise<void> {
    await what.first().waitFor();
    const isThere = () => what.evaluateAll((all) => all.some((one) => one === one.ownerDocument.activeElement));
    for (let tabs = 0; !(await isThere()); tabs++) {
      if (tabs > MOST_TABS) throw new Error(`The keyboard does not reach ${String(what)}`);
      await this.page.keyboard.press('Tab');
    }
  }
}
