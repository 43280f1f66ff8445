import type { Clock } from '../domain/ports/clock';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { AppSettingStore, PasswordHashing, Tokens, User, UserStore } from '../domain/ports/users';
import { Refusal } from '../domain/refusal';

const SETTING = 'setup_token_hash';

export interface SetUpFirstOwnerPorts {
  readonly unit: UnitOfWork;
  readonly users: UserStore;
  readonly settings: AppSettingStore;
  readonly passwords: PasswordHashing;
  readonly tokens: Tokens;
  readonly clock: Clock;
}

/** The way in while nobody has an account: from the environment, or by the one-time link printed at the start. */
export class SetUpFirstOwner {
  constructor(private readonly ports: SetUpFirstOwnerPorts) {}

  async isNeeded(): Promise<boolean> {
    return !(await this.ports.users.any());
  }

  /** A fresh one-time token; the one printed by an earlier start is void. */
  async issueToken(): Promise<string> {
    const token = this.ports.tokens.random();
    await this.ports.settings.write(SETTING, this.ports.tokens.digest(token));
    return token;
  }

  async byToken(
    token: string,
    owner: { readonly email: string; readonly password: string; readonly language: string },
  ): Promise<User> {
    const { unit, settings, tokens } = this.ports;
    if ((await settings.read(SETTING)) !== tokens.digest(token)) {
      throw new Refusal('forbidden', 'This set-up link is not valid. Restart the service to print a new one.');
    }
    const passwordHash = await this.ports.passwords.hash(owner.password);
    return unit.run(async () => {
      if (!(await this.isNeeded())) throw new Refusal('conflict', 'The first account exists already. Log in with it.');
      const user = await this.create(owner, passwordHash);
      await settings.remove(SETTING);
      return user;
    });
  }

  /** Creates the owner named by the environment, once. */
  async byEnvironment(owner: { readonly email: string; readonly password: string }): Promise<void> {
    if (!(await this.isNeeded())) return;
    const passwordHash = await this.ports.passwords.hash(owner.password);
    try {
      await this.create({ ...owner, language: 'en' }, passwordHash);
    } catch (error) {
      // Another process that was started at the same moment may have created the same owner.
      if (await this.isNeeded()) throw error;
    }
  }

  private create(owner: { readonly email: string; readonly language: string }, passwordHash: string): Promise<User> {
    const { email, language } = owner;
    return this.ports.users.create({ email, role: 'owner', language, passwordHash }, this.ports.clock.now());
  }
}
