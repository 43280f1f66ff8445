import type { LoginChallengeStore } from '../domain/ports/second-factors';
import type { UnitOfWork } from '../domain/ports/unit-of-work';
import type { PasswordHashing, SessionStore, UserStore } from '../domain/ports/users';
import { notFound } from '../domain/refusal';
import { type KeepSecondFactor, type Proof, wrongField } from './keep-second-factor';

export interface KeepAccountPorts {
  readonly unit: UnitOfWork;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly challenges: LoginChallengeStore;
  readonly secondFactor: KeepSecondFactor;
  readonly passwords: PasswordHashing;
}

/** What people change of their own account. */
export class KeepAccount {
  constructor(private readonly ports: KeepAccountPorts) {}

  async demandPassword(userId: number, password: string, field = 'password'): Promise<void> {
    const { users, passwords } = this.ports;
    const hash = await users.passwordHashOf(userId);
    if (hash === null) throw notFound('user');
    if (!(await passwords.verify(hash, password))) throw wrongField(field, 'This is not your password.');
  }

  /** Whoever else is logged in as this user is out. */
  async changePassword(userId: number, sessionId: number, current: string, wanted: string): Promise<void> {
    const { unit, users, sessions, challenges, passwords } = this.ports;
    await this.demandPassword(userId, current, 'currentPassword');
    const passwordHash = await passwords.hash(wanted);
    await unit.run(async () => {
      await users.change(userId, { passwordHash });
      await sessions.closeAllOf(userId, sessionId);
      await challenges.closeAllOf(userId);
    });
  }

  /** Takes both: whoever has only the open window, or only the phone, must not. */
  async switchSecondFactorOff(userId: number, password: string, proof: Proof): Promise<void> {
    await this.demandPassword(userId, password);
    if (!(await this.ports.secondFactor.prove(userId, proof))) throw wrongField('code', 'This code is not right.');
    await this.ports.secondFactor.switchOff(userId);
  }
}
