import en from '../../admin-ui/src/locales/en.json';
import {
  aBrowser,
  allByRole,
  byRole,
  choose,
  click,
  closePanels,
  fill,
  openPanel,
  pageText,
  settle,
} from './support/panel';
import { aSession, busyState, emptyState, type FakeState } from './support/fake-api';
import { anAuditEntry, plainAccess, RIGHT_CODE, RIGHT_PASSWORD } from './support/fake-people';

beforeEach(() => aBrowser());
afterEach(closePanels);

const as = (role: 'owner' | 'operator' | 'viewer', state: FakeState = busyState()): FakeState => ({
  ...state,
  session: aSession({ role }),
});
const out = (): FakeState => ({ ...emptyState(), session: null });

describe('the second step of a log-in', () => {
  const asked = async () => {
    const state = out();
    state.access.asksSecondFactor = true;
    const panel = await openPanel(state, '/login?next=/runs');
    await fill('E-mail', 'owner@example.com');
    await fill('Password', RIGHT_PASSWORD);
    await click(byRole('button', 'Log in'));
    return panel;
  };

  it('asks for the app’s code with the focus in its field, and leads on', async () => {
    const panel = await asked();
    expect(byRole('heading', 'Second step')).toBeTruthy();
    const field = byRole('textbox', 'Code');
    expect(document.activeElement).toBe(field);
    expect(field.getAttribute('autocomplete')).toBe('one-time-code');
    await fill('Code', '123 456');
    await click(byRole('button', 'Log in'));
    expect(panel.calls.find(({ path }) => path === '/session/second-factor')?.body).toEqual({
      challenge: 'challenge-1',
      code: RIGHT_CODE,
    });
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs');
  });

  it('says that a code is wrong, and takes a recovery code instead', async () => {
    const panel = await asked();
    await fill('Code', '000000');
    await click(byRole('button', 'Log in'));
    expect(byRole('alert').textContent).toContain('This code is not right');
    await click(byRole('button', 'Use a recovery code'));
    expect(document.activeElement).toBe(byRole('textbox', 'Recovery code'));
    await fill('Recovery code', 'aaaaa-bbbbb-ccccc-ddddd');
    await click(byRole('button', 'Log in'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/runs');
  });

  it('begins again where it has run out', async () => {
    await asked();
    await fill('Code', '999999');
    await click(byRole('button', 'Log in'));
    expect(byRole('alert').textContent).toContain('This log-in has run out');
    await click(byRole('button', 'Begin again'));
    expect(byRole('textbox', 'Password')).toHaveProperty('value', '');
  });
});

describe('a one-time link', () => {
  it('says whom it invites, takes password and language, and logs in', async () => {
    const panel = await openPanel(out(), '/join#token=abc');
    expect(pageText()).toContain('You are invited as new@example.com, with the role: Operator.');
    await fill('Password', 'short');
    await click(byRole('button', 'Join'));
    expect(byRole('alert').textContent).toContain('at least 12');
    await fill('Password', RIGHT_PASSWORD);
    await choose('Language', 'fr');
    await settle();
    await click(byRole('button', 'Rejoindre'));
    expect(panel.calls.find(({ path }) => path === '/join')?.body).toEqual({
      token: 'abc',
      password: RIGHT_PASSWORD,
      language: 'fr',
    });
    expect(panel.router.currentRoute.value.name).toBe('overview');
  });

  it('sets a new password, and says that every session ends', async () => {
    const state = out();
    if (state.access.link) state.access.link = { ...state.access.link, kind: 'reset' };
    await openPanel(state, '/join#token=abc');
    expect(byRole('heading', 'Choose a new password')).toBeTruthy();
    expect(pageText()).toContain('Every session of this account ends');
  });

  it('that is void says what to do, and one that could not be checked is tried again', async () => {
    const state = out();
    state.access.link = null;
    await openPanel(state, '/join#token=abc');
    expect(pageText()).toContain('Ask an owner for a new one');
    closePanels();
    const panel = await openPanel(out(), '/join#token=abc', { down: true });
    expect(byRole('alert').textContent).toContain('The link could not be checked');
    panel.down = false;
    await click(byRole('button', 'Try again'));
    expect(byRole('textbox', 'Password')).toBeTruthy();
  });
});

describe('whoever must have a second factor and has none', () => {
  it('finds nothing but its set-up, and goes on from there', async () => {
    const session = { ...aSession(), mustEnrol: true };
    const panel = await openPanel({ ...busyState(), session }, '/products');
    expect(panel.router.currentRoute.value.name).toBe('enrol');
    expect(allByRole('link', 'Products')).toEqual([]);
    expect(document.querySelector('svg[role=img]')?.getAttribute('aria-label')).toBe(
      'QR code for the authenticator app',
    );
    await fill('Code', RIGHT_CODE);
    await click(byRole('button', 'Switch on'));
    expect(pageText()).toContain('3f0a1-0bc42-77de0-91f3c');
    await click(byRole('button', 'I have kept them'));
    expect(panel.router.currentRoute.value.fullPath).toBe('/products');
  });
});

describe('my account', () => {
  it('is reached by the user menu, by everybody', async () => {
    const panel = await openPanel(as('viewer'), '/');
    await click(byRole('button', /^Your account/));
    await click(byRole('link', 'Settings'));
    expect(panel.router.currentRoute.value.name).toBe('settings-account');
    const tabs = [...document.querySelectorAll('nav[aria-label=Settings] a')].map((tab) => tab.textContent);
    expect(tabs).toEqual(['My account', 'Notifications']);
  });

  it('switches the second factor on, shows its codes once, and off again with password and code', async () => {
    const panel = await openPanel(as('owner'), '/settings/account');
    await click(byRole('button', 'Set up'));
    await fill('Code', '111111');
    await click(byRole('button', 'Switch on'));
    expect(byRole('alert').textContent).toContain('This code is not right');
    await fill('Code', RIGHT_CODE);
    await click(byRole('button', 'Switch on'));
    expect(pageText()).toContain('they are shown only now');
    expect(panel.calls.filter(({ method, path }) => method === 'GET' && path === '/account').length).toBeGreaterThan(1);
    await click(byRole('button', 'I have kept them'));
    expect(pageText()).toContain('10 recovery codes are left');
    expect(pageText()).not.toContain('3f0a1');
    await click(byRole('button', 'Switch off'));
    await fill('Password', 'wrong');
    await fill('Code', RIGHT_CODE);
    await click(byRole('button', 'Switch off'));
    expect(byRole('alert').textContent).toContain('This is not your password.');
    await fill('Password', RIGHT_PASSWORD);
    await click(byRole('button', 'Switch off'));
    expect(panel.state.access.account.secondFactor.on).toBe(false);
  });

  it('changes the password with the old one, and says which field is wrong', async () => {
    const panel = await openPanel(as('viewer'), '/settings/account');
    await fill('Current password', 'wrong');
    await fill('New password', 'a brand new password');
    await click(byRole('button', 'Change password'));
    expect(byRole('textbox', 'Current password').getAttribute('aria-invalid')).toBe('true');
    expect(panel.state.session).not.toBeNull();
    await fill('Current password', RIGHT_PASSWORD);
    await click(byRole('button', 'Change password'));
    expect(pageText()).toContain('Your password has been changed.');
    expect(byRole('textbox', 'New password')).toHaveProperty('value', '');
  });

  it('names the devices, and ends one session or all others', async () => {
    const panel = await openPanel(as('viewer'), '/settings/account');
    expect(pageText()).toContain('Firefox on Linux');
    await click(byRole('button', 'End Safari on iPhone'));
    expect(panel.state.access.sessions).toHaveLength(2);
    await click(byRole('button', 'End all others'));
    expect(panel.state.access.sessions).toMatchObject([{ current: true }]);
    expect(allByRole('button', 'End all others')).toEqual([]);
  });

  it('keeps the language with the account', async () => {
    const panel = await openPanel(as('viewer'), '/settings/account');
    const select = document.getElementById('account-language') as HTMLSelectElement;
    select.value = 'ro';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await settle();
    expect(panel.state.access.account.language).toBe('ro');
    expect(byRole('heading', 'Contul meu')).toBeTruthy();
  });
});

describe('people', () => {
  it('are invited by a link that is shown once, with the focus on it', async () => {
    const panel = await openPanel(as('owner'), '/settings/people');
    await fill('E-mail', 'x@example.com');
    await click(byRole('radio', 'Viewer'));
    await click(byRole('button', 'Make an invitation link'));
    expect(panel.calls.find(({ method, path }) => method === 'POST' && path === '/invitations')?.body).toEqual({
      email: 'x@example.com',
      role: 'viewer',
    });
    expect(document.activeElement?.textContent).toContain('https://relay.example.com/join#token=shown-once-7Hq2');
    expect(pageText()).toContain('no e-mail is set up here');
    await click(byRole('button', 'Close'));
    expect(pageText()).not.toContain('shown-once');
    await click(byRole('button', 'Take back x@example.com'));
    expect(panel.state.access.invitations.map(({ email }) => email)).not.toContain('x@example.com');
  });

  it('who have an account already are named as such', async () => {
    await openPanel(as('owner'), '/settings/people');
    await fill('E-mail', 'bo@example.com');
    await click(byRole('button', 'Make an invitation link'));
    expect(byRole('alert').textContent).toContain('has an account already');
  });

  it('get another role, which can be undone; nobody has a choice at their own', async () => {
    const panel = await openPanel(as('owner'), '/settings/people');
    expect(allByRole('combobox', 'Role of owner@example.com')).toEqual([]);
    await choose('Role of bo@example.com', 'operator');
    expect(panel.state.access.people[2]?.role).toBe('operator');
    await click(byRole('button', 'Undo'));
    expect(panel.state.access.people[2]?.role).toBe('viewer');
  });

  it('are removed only after a question, and their second factor switched off likewise', async () => {
    const panel = await openPanel(as('owner'), '/settings/people');
    await click(byRole('button', 'Actions for bo@example.com'));
    await click(byRole('menuitem', 'Switch second factor off'));
    await click(byRole('button', 'Switch off'));
    expect(panel.state.access.people[2]?.secondFactor).toBe(false);
    await click(byRole('button', 'Actions for bo@example.com'));
    await click(byRole('menuitem', 'Remove'));
    expect(panel.state.access.people).toHaveLength(3);
    await click(byRole('button', 'Remove'));
    expect(panel.state.access.people).toHaveLength(2);
  });

  it('that cannot be loaded are said to have failed', async () => {
    const panel = await openPanel(as('owner'), '/settings/account');
    panel.down = true;
    await panel.router.push('/settings/people');
    await settle();
    expect(pageText()).toContain('The people could not be loaded');
  });
});

describe('API tokens', () => {
  it('are made with a scope and a time, shown once, and revoked after a question', async () => {
    const panel = await openPanel(as('owner'), '/settings/tokens');
    await click(byRole('button', 'Make token'));
    expect(byRole('alert').textContent).toContain('Please fill in: Name');
    await fill('Name', 'Robot');
    await click(byRole('radio', 'Write'));
    await choose('Runs out', '0');
    await click(byRole('button', 'Make token'));
    expect(panel.calls.find(({ method, path }) => method === 'POST' && path === '/tokens')?.body).toEqual({
      name: 'Robot',
      scope: 'write',
      expiresInDays: null,
    });
    expect(pageText()).toContain('sr_shown-once-51c9');
    await click(byRole('button', 'Revoke Robot'));
    await click(byRole('button', 'Revoke'));
    expect(panel.state.access.tokens.map(({ name }) => name)).not.toContain('Robot');
    expect(pageText()).not.toContain('sr_shown-once');
  });

  it('of an operator never have the scope of an owner', async () => {
    await openPanel(as('operator'), '/settings/tokens');
    expect(allByRole('radio').map((radio) => (radio as HTMLInputElement).value)).toEqual(['read', 'write']);
  });
});

describe('the audit log', () => {
  it('says in words what was done, by whom and how, and what was refused', async () => {
    await openPanel(as('owner'), '/settings/audit');
    expect(pageText()).toMatch(/Shop changed\s*Ceramics by Ana/);
    expect(pageText()).toContain('About: name, limits');
    expect(pageText()).toContain('a script (ADMIN_TOKEN)');
    expect(pageText()).toContain('Token “Warehouse robot” of owner@example.com');
    expect(pageText()).toMatch(/Log-in\s*Wrong e-mail or password/);
    expect(pageText()).toContain('something.newer');
  });

  it('names a connection by what it connects, and what changed in words', async () => {
    const audit = [
      anAuditEntry(2, {
        action: 'connections.add',
        objectKind: 'connections',
        objectId: 1,
        fields: ['sourceId', 'matchBy', 'rules.packSize', 'rules.buffer', 'somethingNewer', 'more.new'],
      }),
      anAuditEntry(1, { action: 'connections.remove', objectKind: 'connections', objectId: 9 }),
    ];
    await openPanel(as('owner', { ...busyState(), access: { ...plainAccess(), audit } }), '/settings/audit');
    expect(pageText()).toMatch(/Connection added\s*Accounting → Ceramics by Ana/);
    expect(pageText()).toContain('About: source, what products are matched by, how the number is made, 2 things more');
    expect(pageText()).toMatch(/Connection removed\s*#9/);
  });

  it('is narrowed by person, kind and day, in the address too', async () => {
    const panel = await openPanel(as('owner'), '/settings/audit?area=session&from=2026-01-15');
    const [call] = panel.calls.filter(({ path }) => path === '/audit');
    expect(call?.query).toMatchObject({ action: 'session', from: new Date(2026, 0, 15).toISOString() });
    expect(pageText()).not.toContain('Shop changed');
    await choose('What it is about', 'tokens');
    expect(pageText()).toContain('Nothing fits these filters');
    expect(panel.router.currentRoute.value.query['area']).toBe('tokens');
  });

  it('can be narrowed to everything there are actions of', async () => {
    await openPanel(as('owner'), '/settings/audit');
    const areas = [...byRole('combobox', 'What it is about').querySelectorAll('option')].map(({ value }) => value);
    const acted = Object.keys(en.audit.action).map((action) => action.split('_')[0] ?? '');
    expect(areas.toSorted()).toEqual(['', ...new Set(acted)].toSorted());
  });

  it('is handed over whole as CSV, as it is narrowed', async () => {
    await openPanel(as('owner'), '/settings/audit?who=mallory&area=session');
    const address = byRole('link', 'Export as CSV: the audit log').getAttribute('href');
    expect(address).toBe('/api/v1/audit.csv?who=mallory&action=session');
  });
});

describe('a viewer', () => {
  it.each(['/products', '/connections', '/match', '/runs/5', '/pushes', '/connections/1/go-live'])(
    'sees %s and no button that would change something',
    async (path) => {
      await openPanel(as('viewer'), path);
      expect(byRole('heading', /./)).toBeTruthy();
      const changing =
        /try|retry|link|edit|delete|test|pull|check|undo|cancel|save|new token|read|resume|live|actions for|upload|offline/i;
      const buttons = allByRole('button')
        .filter((button) => button.tagName !== 'SUMMARY')
        .map((button) => button.getAttribute('aria-label') ?? button.textContent?.trim() ?? '')
        .filter((name) => changing.test(name) && !/^Notices,/.test(name));
      expect(buttons).toEqual([]);
    },
  );

  it('is led away from what only owners find', async () => {
    const panel = await openPanel(as('viewer'), '/wizard');
    expect(panel.router.currentRoute.value.name).toBe('overview');
    await panel.router.push('/settings/people');
    await settle();
    expect(panel.router.currentRoute.value.name).toBe('settings-account');
    expect(allByRole('link', 'Set-up')).toEqual([]);
  });

  it('is told by an operator’s buttons apart: an operator acts, and does not edit', async () => {
    await openPanel(as('operator'), '/connections');
    expect(allByRole('button', /^Check/).length).toBeGreaterThan(0);
    expect(allByRole('button', /^Delete/)).toEqual([]);
  });
});
